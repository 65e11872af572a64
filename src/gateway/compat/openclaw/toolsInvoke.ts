import * as z from "zod";
import { AppError, isAppError } from "../../../base/appError.ts";
import { checkScope } from "../../calls/scope.ts";
import type { Endpoint, JsonReply } from "../../http/endpoint.ts";
import { goesOn } from "../../calls/goesOn.ts";
import { readJsonBody } from "../../http/body.ts";
import { parseInput } from "../../../base/input/parseInput.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { cron } from "./invokeCron.ts";
import { sessionsHistory } from "./invokeSessionsHistory.ts";
import { sessionsList } from "./invokeSessionsList.ts";
import { goOnSending, sessionsSend, waitsForReply } from "./invokeSessionsSend.ts";
import { sessionsSpawn } from "./invokeSessionsSpawn.ts";
import { sessionStatus } from "./invokeSessionStatus.ts";
import type { ToolInvocation } from "./toolInvocation.ts";
import { PassingResult, toResult, type ToolResult, ToolFailure, toSessionKey, toToolError } from "./toolResult.ts";
import { headOf } from "../../../base/cutText.ts";
import { defined } from "../../../base/defined.ts";

type SessionTool = (invocation: ToolInvocation) => Promise<ToolResult>;

const SESSION_TOOLS = new Map<string, SessionTool>([
  ["sessions_send", sessionsSend],
  ["sessions_spawn", sessionsSpawn],
  ["sessions_list", sessionsList],
  ["sessions_history", sessionsHistory],
  ["session_status", sessionStatus],
  ["cron", cron],
  ["automations", cron],
]);

const requestShape = z.looseObject({
  tool: z.string().optional(),
  name: z.string().optional(),
  action: z.string().optional(),
  args: z.record(z.string(), z.unknown()).nullish(),
  sessionKey: z.string().max(200).optional(),
});

/** POST /tools/invoke: one tool by hand, in the shapes of the real OpenClaw. */
export function createToolsInvoke(context: CompatContext): Endpoint {
  return {
    path: "/tools/invoke",
    name: "tools.invoke",
    verbs: ["POST"],
    // What each tool needs is checked when it is known.
    scope: "read",
    toErrorReply: toToolError,
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange)) ?? {});
      const request = parseInput(requestShape, body);
      const tool = request.tool ?? request.name ?? "";
      exchange.detail = headOf(tool, 100);
      // A failure of the client's making is recorded for the key; one that a later try may mend is not.
      const invoked = once(context, exchange, {
        call: body,
        goesOn: (begun) => goesOn(context.core, detailsOf(begun as JsonReply).runId),
        ...(waitsForReply(tool, request.args ?? {}) && {
          goOn: async (begun: unknown) =>
            toDone(await goOnSending({ context, exchange, args: request.args ?? {} }, resultOf(begun as JsonReply)!)),
          isOngoing: (reply: JsonReply) => detailsOf(reply).status === "accepted",
        }),
        async work(keep, isRepeat) {
          const by = { context, exchange, keep: (result: ToolResult) => keep(toDone(result)), isRepeat };
          return invoke(by, tool, request).catch((error: unknown) => {
            if (error instanceof ToolFailure && error.status < 500) return toFailed(error);
            throw error;
          });
        },
      });
      return invoked.catch((error: unknown) => {
        if (error instanceof ToolFailure) return toFailed(error);
        if (error instanceof PassingResult) return toDone(error.result);
        throw error;
      });
    },
  };
}

async function invoke(
  by: Pick<ToolInvocation, "context" | "exchange" | "keep" | "isRepeat">,
  tool: string,
  { action, args, sessionKey }: z.output<typeof requestShape>,
): Promise<JsonReply> {
  if (tool === "") throw new ToolFailure(400, "invalid_request", "tools.invoke requires name");
  const invocation: ToolInvocation = {
    ...by,
    args: { ...defined({ action }), ...args },
    sessionKey: toSessionKey(sessionKey ?? "main"),
  };
  const own = SESSION_TOOLS.get(tool);
  const result = own ? await own(invocation) : await callWorkspaceTool(tool, invocation);
  return toDone(result);
}

function toDone(result: ToolResult): JsonReply {
  return { body: { ok: true, result } };
}

/** Absent in a failure. */
function resultOf({ body }: JsonReply): ToolResult | undefined {
  return (body as { result?: ToolResult }).result;
}

/** The run that a result tells of, and how it stands with it, if there is one. */
function detailsOf(reply: JsonReply): { runId?: unknown; status?: unknown } {
  return (resultOf(reply)?.details ?? {}) as { runId?: unknown; status?: unknown };
}

function toFailed({ status, type, message }: ToolFailure): JsonReply {
  return { status, body: { ok: false, error: { type, message } } };
}

const UNKNOWN =
  "The call was cut off in the middle, and how far it came is not known: look, and send it again with another key or with none.";

/** Any tool of the agent. One that changes something asks the user, as it would when the agent calls it. */
async function callWorkspaceTool(tool: string, invocation: ToolInvocation): Promise<ToolResult> {
  const { context, exchange, args, sessionKey, isRepeat } = invocation;
  const { core } = context;
  const effect = core.tools.effect(tool);
  if (effect === undefined) throw new ToolFailure(404, "not_found", `Tool not available: ${headOf(tool, 100)}`);
  checkScope(exchange.principal!.scope, { scope: effect === "read" ? "read" : "write" });
  if (isRepeat && effect !== "read") throw new ToolFailure(409, "conflict", UNKNOWN);
  const call = { sessionKey, name: tool, input: args, origin: exchange.origin, signal: exchange.signal };
  const { text, isError } = await core.tools.invoke(call).catch((error: unknown) => {
    if (!exchange.signal.aborted) throw error;
    // Whoever sends it again, by itself after a 503, may have it done twice.
    if (effect !== "read") throw new ToolFailure(409, "conflict", UNKNOWN);
    throw isAppError(error) ? error : new AppError("unavailable", "The call was given up");
  });
  if (isError) throw new ToolFailure(400, "tool_error", text);
  return toResult({ text }, text);
}
