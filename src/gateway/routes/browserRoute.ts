import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { browserRequestShape } from "../../protocol/browser.ts";
import { defineRoute } from "../calls/route.ts";
import { browserAnswerShape } from "../../protocol/browser.ts";
import { sessionKeyOrMain } from "../../protocol/session.ts";

export const browser = defineRoute({
  name: "browser",
  verb: "POST",
  scope: "write",
  summary:
    "Drives a real browser for a session, in tabs and with cookies of its own. Each action reads its own fields; docs/browser.md shows them.",
  input: browserRequestShape.extend({ sessionKey: sessionKeyOrMain }),
  output: browserAnswerShape,
  // OpenClaw's own names: what is done stands in an object of its own, and a page is a target.
  prepare({ request, targetUrl, ...input }) {
    const flat = typeof request === "object" && request !== null && !Array.isArray(request) ? request : {};
    const rest = request === undefined || Object.keys(flat).length > 0 ? {} : { request };
    return { ...input, ...flat, ...rest, ...defined({ url: targetUrl }) };
  },
  async handle(core, { sessionKey, ...request }, call) {
    if (!core.browser) throw new AppError("unavailable", "This gateway was started without a browser");
    const { workspace: folder } = await core.sessions.get(sessionKey);
    const workspace = folder === undefined ? "" : core.workspaces.real(folder);
    const answer = await core.browser.act(request, { sessionKey, workspace, signal: call.signal });
    return { status: "ok" as const, sessionKey, ...answer };
  },
});
