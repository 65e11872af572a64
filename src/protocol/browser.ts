import * as z from "zod";

export const BROWSER_ACTIONS = [
  "status",
  "start",
  "stop",
  "clear",
  "tabs",
  "open",
  "focus",
  "close",
  "navigate",
  "back",
  "forward",
  "reload",
  "snapshot",
  "act",
  "screenshot",
  "pdf",
  "console",
  "network",
  "downloads",
  "upload",
  "dialog",
  "emulate",
] as const;

export const ACT_KINDS = ["click", "type", "fill", "press", "select", "hover", "drag", "wait", "evaluate"] as const;

/** What a model or a client may ask of the browser: one flat object, of which each action reads its own fields. */
export const browserRequestShape = z.strictObject({
  action: z.enum(BROWSER_ACTIONS),
  targetId: z.string().max(40).optional().describe("Tab, as in t1; the focused one by default"),
  url: z.string().min(1).max(8000).optional().describe("open, navigate; wait: a pattern with *"),
  kind: z.enum(ACT_KINDS).optional().describe("act"),
  ref: z.string().max(40).optional().describe("Element of the last snapshot, as in e12"),
  role: z.string().max(40).optional().describe("Element by role and name, instead of ref"),
  name: z.string().max(1000).optional(),
  endRef: z.string().max(40).optional().describe("drag: where to"),
  text: z.string().max(100_000).optional().describe("type, fill, dialog; wait: text to appear"),
  textGone: z.string().max(1000).optional().describe("wait"),
  key: z.string().max(60).optional().describe("press: Enter, Control+A"),
  values: z.array(z.string().max(1000)).max(50).optional().describe("select: values or labels"),
  fields: z
    .array(z.strictObject({ ref: z.string().max(40), value: z.union([z.string().max(100_000), z.boolean()]) }))
    .max(100)
    .optional()
    .describe("fill: several at once"),
  submit: z.boolean().optional().describe("type, fill: then press Enter"),
  button: z.enum(["left", "right", "middle"]).optional(),
  doubleClick: z.boolean().optional(),
  modifiers: z.array(z.enum(["Alt", "Control", "ControlOrMeta", "Meta", "Shift"])).optional(),
  script: z.string().max(100_000).optional().describe("evaluate: expression, or function (of the element, with ref)"),
  state: z.enum(["load", "idle", "visible", "hidden"]).optional().describe("wait: of the page, or of the element"),
  timeMs: z.int().min(0).max(60_000).optional().describe("wait"),
  timeoutMs: z.int().min(1).max(120_000).optional(),
  offset: z.int().min(0).optional().describe("snapshot: go on from this character"),
  fullPage: z.boolean().optional().describe("screenshot"),
  accept: z.boolean().optional().describe("dialog"),
  paths: z.array(z.string().min(1).max(4000)).min(1).max(20).optional().describe("upload: from the workspace"),
  device: z.string().max(60).optional().describe('emulate: as in "iPhone 15"; "desktop" ends it'),
  width: z.int().min(100).max(4000).optional().describe("emulate"),
  height: z.int().min(100).max(4000).optional().describe("emulate"),
  headless: z.boolean().optional().describe("start: false shows the window"),
  all: z.boolean().optional().describe("stop, clear: of every session"),
});

export type BrowserRequest = z.output<typeof browserRequestShape>;
export type BrowserAction = BrowserRequest["action"];

const tabShape = z.strictObject({ id: z.string(), url: z.string(), title: z.string(), focused: z.boolean() });

export type BrowserTab = z.output<typeof tabShape>;

/** Something that a page gave, in the session's download folder. */
const fileShape = z.strictObject({
  name: z.string(),
  path: z.string().describe("Absolute, on the gateway's machine."),
  bytes: z.number(),
});

export type BrowserFile = z.output<typeof fileShape>;

/** What an act led to. Absent fields did not change. */
const changesShape = z.strictObject({
  url: z.string().optional(),
  title: z.string().optional(),
  openedTabs: z.array(tabShape).optional(),
  downloads: z.array(fileShape).optional(),
  lines: z.array(z.string()).optional().describe('Of the snapshot: "+" new, "-" gone.'),
  moreLines: z.number().optional().describe("Lines that were left out."),
});

export type PageChanges = z.output<typeof changesShape>;

/** Part of a page as text. */
const pageTextShape = z.strictObject({
  text: z.string(),
  offset: z.number(),
  totalChars: z.number(),
  nextOffset: z.number().optional().describe("Where to go on; absent at the end."),
});

export type PageText = z.output<typeof pageTextShape>;

const dialogShape = z.strictObject({ type: z.string(), message: z.string(), defaultText: z.string().optional() });

/** What an action of the browser led to; each action gives the fields that are its own. */
export const browserAnswerShape = z.strictObject({
  status: z.literal("ok"),
  sessionKey: z.string(),
  action: z.enum(BROWSER_ACTIONS),
  notices: z.array(z.string()).optional(),
  running: z
    .strictObject({ headless: z.boolean(), executable: z.string(), sessions: z.number(), tabs: z.number() })
    .nullable()
    .optional()
    .describe("status, start, stop, clear: the browser's process; null when there is none."),
  tab: tabShape.optional().describe("The tab that the action was about."),
  tabs: z.array(tabShape).optional(),
  snapshot: pageTextShape.optional().describe("The accessibility tree, with a ref for each element: [ref=e12]."),
  changes: changesShape.optional().describe("act, upload, dialog: what is different now."),
  dialog: dialogShape.optional().describe("A dialog that the page waits for."),
  value: z.string().optional().describe("evaluate: the value as JSON."),
  console: z.array(z.strictObject({ type: z.string(), text: z.string(), from: z.string() })).optional(),
  network: z
    .array(z.strictObject({ method: z.string(), url: z.string(), problem: z.string() }))
    .optional()
    .describe("Requests that failed or were refused."),
  downloads: z.array(fileShape).optional(),
  image: z
    .strictObject({ mediaType: z.string(), data: z.string(), width: z.number(), height: z.number() })
    .optional()
    .describe("screenshot: in base64."),
  file: fileShape.extend({ mediaType: z.string(), data: z.string() }).optional().describe("pdf: in base64."),
});

/** What the browser itself says of it: the route adds whose it is. */
export type BrowserAnswer = Omit<z.output<typeof browserAnswerShape>, "status" | "sessionKey">;
