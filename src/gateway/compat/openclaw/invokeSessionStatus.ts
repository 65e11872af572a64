import { isAppError } from "../../../base/appError.ts";
import type { SessionStatus } from "../../../core/services/sessionService.ts";
import { checkScope } from "../../calls/scope.ts";
import { toResult, type ToolResult, ToolFailure, toSessionKey } from "./toolResult.ts";
import type { ToolInvocation } from "./toolInvocation.ts";

/** A session's status as a card; with `model`, that is changed first ("default" clears it). */
export async function sessionStatus({ context, exchange, args, sessionKey }: ToolInvocation): Promise<ToolResult> {
  const { core, version } = context;
  const key = typeof args["sessionKey"] === "string" ? toSessionKey(args["sessionKey"]) : sessionKey;
  const wanted = typeof args["model"] === "string" ? args["model"] : undefined;
  if (wanted !== undefined) checkScope(exchange.principal!.scope, { scope: "write" });
  try {
    if (wanted !== undefined) await core.sessions.update(key, { model: wanted === "default" ? null : wanted });
    const status = await core.sessions.status(key);
    const statusText = toCard(status, version, core.clock.now());
    const [provider, ...name] = status.model.split("/");
    const changed = {
      model: name.join("/"),
      modelProvider: provider,
      modelOverride: status.session.model ?? null,
    };
    const details = {
      ok: true,
      sessionKey: key,
      agentId: "main",
      changedModel: wanted !== undefined,
      stateVersion: 0,
      ...(wanted === undefined ? {} : changed),
      statusText,
    };
    return toResult(details, statusText);
  } catch (error) {
    if (!isAppError(error) || (error.code !== "not_found" && error.code !== "bad_request")) throw error;
    // Its own words, and its own status, in OpenClaw's answer.
    throw new ToolFailure(500, "tool_error", "tool execution failed");
  }
}

function toCard(
  { session, model, budgetProblem, context, runs, subagents }: SessionStatus,
  version: string,
  now: number,
): string {
  const { usage } = session;
  const known = usage.knownUsd === undefined ? "unknown" : `at least $${usage.knownUsd.toFixed(2)}`;
  const cost = usage.costUsd === null ? known : `$${usage.costUsd.toFixed(2)}`;
  const percent = context.percent === null ? "" : ` (${context.percent}%)`;
  return [
    `Pincer ${version}`,
    `Time: ${new Date(now).toISOString()}`,
    `Model: ${model}`,
    ...(budgetProblem === undefined ? [] : [`Budget: ${budgetProblem}`]),
    `Tokens: ${usage.inputTokens} in / ${usage.outputTokens} out`,
    `Cost: ${cost}`,
    `Cache: ${usage.cacheReadTokens} read, ${usage.cacheWriteTokens} written`,
    `Context: ${context.usedTokens}/${context.windowTokens ?? "unknown"}${percent}`,
    `Session: ${session.key}, ${session.state}, updated ${session.updatedAt}`,
    `Runs: ${runs.active} active, ${runs.queued} queued, ${runs.total} in all`,
    `Subagents: ${subagents.length}`,
  ].join("\n");
}
