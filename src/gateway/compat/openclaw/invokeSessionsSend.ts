import { randomUUID } from "node:crypto";
import { isAppError } from "../../../base/appError.ts";
import { laterReply, replyTimeout, toAccepted } from "../../calls/reply.ts";
import type { Routes } from "../../routes/routeTable.ts";
import { callRoute } from "../compatContext.ts";
import { requireText, toFailure, toResult, type ToolResult, toSessionKey } from "./toolResult.ts";
import type { ToolInvocation } from "./toolInvocation.ts";
import { defined } from "../../../base/defined.ts";
import { nameTable } from "../../../base/nameTable.ts";

type Sent = Routes["sessions.send"]["output"];

const DELIVERY = { delivery: { status: "pending", mode: "announce" } };
const REFUSED_MODES = nameTable<string>({
  notify: "Notes without a turn are not kept. Use mode=followup to start a new turn.",
});

/** A failure of the business is an answer here, as it is with OpenClaw. */
export async function sessionsSend({ context, exchange, args, keep }: ToolInvocation): Promise<ToolResult> {
  const message = requireText(args, "message");
  const target = await findTarget({ context, args });
  const fail = (error: string) => failed(error, target.key);
  if (target.problem !== undefined) return fail(target.problem);
  const refusal = typeof args["mode"] === "string" ? REFUSED_MODES[args["mode"]] : undefined;
  if (refusal !== undefined) return fail(refusal);

  if (args["mode"] === "steer") return steer({ context, exchange, keep }, message, target.key!, fail);

  const { timeoutSeconds, model } = args;
  const input = {
    message,
    sessionKey: toSessionKey(target.key!),
    ...defined({ timeoutSeconds, model }),
  };
  const told = (sent: Sent) => toResult(toDetails(sent, target.key!));
  return answered(target.key!, async () =>
    told(await callRoute(context, exchange, "sessions.send", input, (sent) => keep(told(sent)))),
  );
}

/** Whether it is a send that waits for the reply. */
export function waitsForReply(tool: string, args: Record<string, unknown>): boolean {
  return tool === "sessions_send" && args["mode"] !== "steer";
}

/** Goes on with a send that was cut off in its wait. */
export async function goOnSending(
  { context, exchange, args }: Pick<ToolInvocation, "context" | "exchange" | "args">,
  begun: ToolResult,
): Promise<ToolResult> {
  const { runId: id, sessionKey } = begun.details as { runId: string; sessionKey: string };
  const accepted = toAccepted({ id, sessionKey: toSessionKey(sessionKey) });
  const timeoutMs = replyTimeout.parse(args["timeoutSeconds"]) * 1000;
  return answered(sessionKey, async () =>
    toResult(toDetails(await laterReply(context.core, accepted, timeoutMs, exchange.signal), sessionKey)),
  );
}

async function answered(sessionKey: string, work: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error) || error.code === "forbidden" || error.code === "internal") throw error;
    if (error.code === "not_found") return failed(`No session found: ${sessionKey}`, sessionKey);
    return toFailure(error, failed(error.message, sessionKey));
  }
}

function failed(error: string, sessionKey?: string): ToolResult {
  return toResult({ runId: randomUUID(), status: "error", error, ...defined({ sessionKey }) });
}

const NOT_STEERED = "Target has no active run that accepts steering. Use mode=followup to start a new turn.";

async function steer(
  { context, exchange, keep }: Pick<ToolInvocation, "context" | "exchange" | "keep">,
  message: string,
  key: string,
  fail: (error: string) => ToolResult,
): Promise<ToolResult> {
  const told = ({ status, runId }: Routes["sessions.steer"]["output"]) =>
    toResult({ runId, status, sessionKey: key, targetDisposition: "steered" });
  try {
    const input = { message, sessionKey: toSessionKey(key) };
    return told(await callRoute(context, exchange, "sessions.steer", input, (steered) => keep(told(steered))));
  } catch (error) {
    if (isAppError(error) && error.code === "conflict") return fail(NOT_STEERED);
    if (isAppError(error) && error.code === "not_found") return fail(`No session found: ${key}`);
    throw error;
  }
}

function toDetails({ status, runId, reply }: Sent, sessionKey: string): object {
  if (status === "accepted") return { runId, status, sessionKey, targetDisposition: "queued", ...DELIVERY };
  const visible = reply?.trim() ?? "";
  if (visible === "" || visible === "NO_REPLY") {
    const message = "No visible reply or pending announcement. Continue or retry if needed.";
    return { runId, sessionKey, status: "no_reply", message };
  }
  return { runId, sessionKey, status, ...DELIVERY, reply };
}

/** The session by its key, or by its title. */
async function findTarget({
  context,
  args,
}: Pick<ToolInvocation, "context" | "args">): Promise<{ key?: string; problem?: string }> {
  const { sessionKey, label } = args;
  if (typeof sessionKey === "string" && sessionKey !== "") return { key: sessionKey };
  if (typeof label !== "string" || label === "") return { problem: "Either sessionKey or label is required" };
  const { sessions } = await context.core.sessions.list({ title: label, limit: 1 });
  const [found] = sessions;
  return found ? { key: found.key } : { problem: `No session found with label: ${label}` };
}
