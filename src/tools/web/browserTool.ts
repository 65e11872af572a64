import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { visible, visibleLine, visibleOnce } from "../../base/text/visible.ts";
import type { Browser } from "../../core/ports/browserPort.ts";
import { type ApprovalAsk, defineTool, type ToolContext, type ToolResult } from "../../core/ports/tool.ts";
import { browserText } from "./browserText.ts";
import { fileDigest } from "../../base/files/realFile.ts";
import { deniedReason } from "../files/closedReason.ts";
import { secretReason } from "../../rules/secretReason.ts";
import { toWorkspacePath, type WorkspacePath } from "../files/workspacePath.ts";

const input = z.object({
  action: z.enum([
    "open",
    "navigate",
    "snapshot",
    "act",
    "screenshot",
    "tabs",
    "focus",
    "close",
    "back",
    "forward",
    "reload",
    "dialog",
    "upload",
    "downloads",
    "console",
    "network",
    "pdf",
    "emulate",
    "stop",
  ]),
  kind: z
    .enum(["click", "type", "fill", "press", "select", "hover", "drag", "wait", "evaluate"])
    .optional()
    .describe("of act"),
  url: z.string().optional(),
  ref: z.string().optional().describe("element of the last snapshot: e12"),
  role: z.string().optional().describe("or its role and name"),
  name: z.string().optional(),
  endRef: z.string().optional().describe("drag to"),
  text: z.string().optional().describe("type, fill, wait, prompt"),
  textGone: z.string().optional(),
  fields: z
    .array(z.object({ ref: z.string(), value: z.union([z.string(), z.boolean()]) }))
    .optional()
    .describe("fill several"),
  submit: z.boolean().optional(),
  key: z.string().optional(),
  values: z.array(z.string()).optional().describe("select"),
  doubleClick: z.boolean().optional(),
  script: z.string().optional(),
  state: z.enum(["load", "idle", "visible", "hidden"]).optional().describe("wait"),
  timeMs: z.int().min(0).max(60000).optional(),
  targetId: z.string().optional().describe("tab: t1"),
  offset: z.int().min(0).optional().describe("of snapshot"),
  fullPage: z.boolean().optional(),
  accept: z.boolean().optional().describe("dialog"),
  paths: z.array(z.string()).optional().describe("upload"),
  device: z.string().optional(),
  width: z.int().min(100).max(4000).optional(),
  height: z.int().min(100).max(4000).optional(),
});

type Input = z.output<typeof input>;

export const browser = defineTool({
  name: "browser",
  description:
    "Use web pages in a real browser. A snapshot shows a page as a tree with refs; act uses them and tells what changed.",
  input,
  effect: "network",

  async prepare(request, context) {
    const uploads = request.action === "upload" ? await readUploads(request, context) : undefined;
    return {
      ask: await (uploads ? askUpload(request, uploads, context) : askUse(request, context)),
      // One page after another: a click does not overtake the address it is meant for.
      touches: [`browser:${context.session.key}`],
      run: (consent) =>
        run(
          request,
          { ...context, ...defined({ consent }) },
          uploads?.map(({ digest }) => digest),
        ),
    };
  },
});

async function askUse(request: Input, context: ToolContext): Promise<ApprovalAsk | undefined> {
  const { action, kind } = request;
  const { url, origin, admitted } = await view(request, context);
  if (action === "act" && kind === "evaluate") {
    const script = visibleOnce(request.script ?? "");
    return {
      summary: visibleLine(`run a script in ${origin ?? "an empty page"}: ${script}`, 500),
      subject: { type: "other", text: `In ${url ?? "an empty page"}:\n${script}` },
      reason: "runs a script with what the page may do",
      safe: false,
      protected: false,
      effects: [{ kind: "act", place: origin ?? "*" }],
    };
  }
  if (!reachesOut(request) || (origin !== undefined && admitted.has(origin))) return undefined;
  const isGoing = action === "open" || action === "navigate";
  const text = isGoing ? `open ${visible(url ?? "")}` : `${kind ?? action} in ${visible(url ?? "")}`;
  const ask = {
    summary: visibleLine(text, 500),
    subject: { type: "other" as const, text },
    safe: false,
    protected: false,
  };
  if (origin !== undefined) {
    const reason = `uses ${origin} in the browser, for the rest of this session`;
    return { ...ask, reason, effects: [{ kind: "connect", place: origin }] };
  }
  // What has no origin reaches nobody, but for an act on a page that may be of any.
  const isOnPage = url !== undefined && (action === "act" || action === "dialog");
  return isOnPage
    ? { ...ask, reason: "acts in a page of which nobody knows whose it is", effects: [{ kind: "act", place: "*" }] }
    : undefined;
}

async function run(request: Input, context: ToolContext, seen: string[] | undefined): Promise<ToolResult> {
  const browser = present(context);
  const { sessionKey, workspace, signal } = { sessionKey: context.session.key, ...context };
  // What got this far was allowed, by the user or by the policy.
  const { origin } = await view(request, context);
  if (reachesOut(request) && origin !== undefined) browser.admit(sessionKey, origin);
  const answer = await browser.act(request, {
    sessionKey,
    workspace,
    signal,
    maySecrets: context.consent === "person",
    ...defined({ seen }),
  });
  const { image } = answer;
  return {
    text: browserText(answer),
    ...defined({
      images: image && [
        { name: `screenshot.${image.mediaType.split("/")[1]!}`, mediaType: image.mediaType, data: image.data },
      ],
    }),
  };
}

/** Sends something out: opens an address, or does to a page what its site may get to know. */
function reachesOut({ action, kind, url }: Input): boolean {
  if (action === "open" || action === "navigate") return url !== undefined;
  if (action === "act") return kind !== "wait" && kind !== "hover" && kind !== "evaluate";
  return action === "back" || action === "forward" || action === "reload" || action === "dialog";
}

/** What is asked for, and what alone is then given. */
interface AskedUpload {
  path: WorkspacePath;
  /** SHA-256, in hex; "" of what cannot be read. */
  digest: string;
}

function readUploads({ paths = [] }: Input, context: ToolContext): Promise<AskedUpload[]> {
  return Promise.all(
    paths.map(async (asked) => {
      const path = await toWorkspacePath(context.workspace, asked);
      const denied = deniedReason(context, path.real);
      if (denied !== undefined) throw new AppError("forbidden", denied);
      return { path, digest: await fileDigest(path.real).catch(() => "") };
    }),
  );
}

async function askUpload(request: Input, uploads: AskedUpload[], context: ToolContext): Promise<ApprovalAsk> {
  const { origin, url } = await view(request, context);
  const shown = uploads.map(({ path }) => visible(path.shown)).join(", ");
  const reasons = await Promise.all(uploads.map(({ path }) => secretReason(context.workspace, path.real)));
  const secret = reasons.find((reason) => reason !== undefined);
  return {
    summary: visibleLine(`upload ${shown} to ${origin ?? "an empty page"}`, 500),
    subject: { type: "other", text: `Upload to ${visible(url ?? "an empty page")}:\n${shown}` },
    reason: secret ?? "gives files to a web page",
    safe: false,
    protected: secret !== undefined,
    effects: [{ kind: "act", place: origin ?? "*" }],
  };
}

async function view(request: Input, context: ToolContext): ReturnType<Browser["look"]> {
  return present(context).look(context.session.key, request);
}

function present({ browser }: ToolContext): Browser {
  if (!browser) throw new AppError("not_found", "This gateway has no browser");
  return browser;
}
