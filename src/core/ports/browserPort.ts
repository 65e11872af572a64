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

/** One browser for the whole gateway, a context with cookies of its own for each session. */
export interface Browser {
  /**
   * Does one action in the caller's session, starting the browser when it does not run. Rejects with `unavailable` when
   * there is none to start, `conflict` for a stale ref or an open dialog, `forbidden` for an address or a file that may
   * not be reached, `timed_out`, and with the signal's reason within 2 s of its abort.
   */
  act(request: BrowserRequest, caller: BrowserCaller): Promise<BrowserAnswer>;
  /**
   * Where a request would land, for whoever has to ask the user first. Starts nothing, opens nothing; rejects with
   * `forbidden` for an address that would not be opened.
   */
  look(sessionKey: string, request: BrowserRequest): Promise<BrowserView>;
  /** Notes that the user lets the session use an origin, until its tabs are closed by `stop` or `clear`. */
  admit(sessionKey: string, origin: string): void;
  /** Closes a session's tabs and removes its cookies and downloads: the session is gone. */
  forget(sessionKey: string): Promise<void>;
  /** Saves what the sessions keep and ends the browser. */
  close(): Promise<void>;
}

export interface BrowserCaller {
  sessionKey: string;
  /** Absolute real path of the session's folder, the only one that uploads come from; "" when there is none. */
  workspace: string;
  /** Whether files that may hold secrets may be uploaded: somebody was shown them and said yes. */
  maySecrets?: boolean;
  signal: AbortSignal;
}

export interface BrowserView {
  /** The page that would be opened, or acted on; undefined without one. */
  url?: string;
  /** "https://example.com"; undefined where the page has none, as about:blank. */
  origin?: string;
  /** Origins that the user let the session use. */
  admitted: ReadonlySet<string>;
}

export interface BrowserTab {
  id: string;
  url: string;
  title: string;
  focused: boolean;
}

export interface BrowserDialog {
  type: string;
  message: string;
  defaultText?: string;
}

export interface BrowserFile {
  name: string;
  /** Absolute, in the session's download folder. */
  path: string;
  bytes: number;
}

/** Part of a page as text. */
export interface PageText {
  text: string;
  offset: number;
  totalChars: number;
  /** Where to go on; absent at the end. */
  nextOffset?: number;
}

/** What an act led to. Absent fields did not change. */
export interface PageChanges {
  url?: string;
  title?: string;
  openedTabs?: BrowserTab[];
  downloads?: BrowserFile[];
  /** Lines of the snapshot, "+" new and "-" gone; of a new page, its snapshot is in the answer instead. */
  lines?: string[];
  /** Lines that were left out. */
  moreLines?: number;
}

export interface BrowserAnswer {
  action: BrowserAction;
  /** What went by the way: "The browser had crashed and was started again". */
  notices?: string[];
  running?: { headless: boolean; executable: string; sessions: number; tabs: number } | null;
  tab?: BrowserTab;
  tabs?: BrowserTab[];
  snapshot?: PageText;
  changes?: PageChanges;
  /** A dialog that waits for an answer. */
  dialog?: BrowserDialog;
  /** Of `evaluate`, as JSON. */
  value?: string;
  console?: { type: string; text: string; from: string }[];
  /** Requests that failed or were refused. */
  network?: { method: string; url: string; problem: string }[];
  downloads?: BrowserFile[];
  image?: { mediaType: string; data: string; width: number; height: number };
  file?: BrowserFile & { mediaType: string; data: string };
}
