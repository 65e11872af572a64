import * as z from "zod";
import { BROWSER_ACTIONS } from "../../core/ports/browserPort.ts";

const tabShape = z.strictObject({ id: z.string(), url: z.string(), title: z.string(), focused: z.boolean() });

const fileShape = z.strictObject({
  name: z.string(),
  path: z.string().describe("Absolute, on the gateway's machine."),
  bytes: z.number(),
});

const changesShape = z.strictObject({
  url: z.string().optional(),
  title: z.string().optional(),
  openedTabs: z.array(tabShape).optional(),
  downloads: z.array(fileShape).optional(),
  lines: z.array(z.string()).optional().describe('Of the snapshot: "+" new, "-" gone.'),
  moreLines: z.number().optional(),
});

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
  snapshot: z
    .strictObject({
      text: z.string(),
      offset: z.number(),
      totalChars: z.number(),
      nextOffset: z.number().optional().describe("Where to go on; absent at the end."),
    })
    .optional()
    .describe("The accessibility tree, with a ref for each element: [ref=e12]."),
  changes: changesShape.optional().describe("act, upload, dialog: what is different now."),
  dialog: z
    .strictObject({ type: z.string(), message: z.string(), defaultText: z.string().optional() })
    .optional()
    .describe("A dialog that the page waits for."),
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
