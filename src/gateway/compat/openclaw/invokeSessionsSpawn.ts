import { isAppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { Routes } from "../../routes/routeTable.ts";
import { callRoute } from "../compatContext.ts";
import { requireText, toFailure, toResult, type ToolResult } from "./toolResult.ts";
import type { ToolInvocation } from "./toolInvocation.ts";

const NOTE =
  "The child works on its own; its result comes into the requester's session as a message, and is the last message of its own history. Wait for it with GET /api/runs/wait.";

/** Never waits: the result is brought to the session that asks, where there is one. */
export async function sessionsSpawn({
  context,
  exchange,
  args,
  sessionKey,
  keep,
}: ToolInvocation): Promise<ToolResult> {
  const task = requireText(args, "task");
  const { agentId, mode, label, model, runTimeoutSeconds, cleanup } = args;
  if (typeof agentId === "string" && agentId !== "main") {
    const error = "agentId is not allowed for sessions_spawn (allowed: main)";
    return toResult({ status: "forbidden", error, role: agentId });
  }
  if (mode === "session") {
    const error =
      'sessions_spawn(mode="session") is not offered: use mode="run", or a session made by sessions.create.';
    return toResult({ status: "error", error });
  }
  const parent = await context.core.sessions.get(sessionKey).catch(() => undefined);
  const input = {
    task,
    wait: false,
    ...(parent ? { parentSessionKey: parent.key, deliver: true } : {}),
    ...defined({ label, model }),
    // With OpenClaw 0 means no limit of its own.
    ...(runTimeoutSeconds === undefined || runTimeoutSeconds === 0 ? {} : { runTimeoutSeconds }),
    ...defined({ cleanup }),
  };
  const told = ({ runId, childSessionKey }: Routes["sessions.spawn"]["output"]) => ({
    status: "accepted",
    childSessionKey,
    runId,
    mode: "run",
    expectsCompletionMessage: parent !== undefined,
    context: "isolated",
    note: NOTE,
    modelApplied: true,
  });
  try {
    const spawned = await callRoute(context, exchange, "sessions.spawn", input, (early) => keep(toResult(told(early))));
    const resolved = (await context.core.runs.get(spawned.runId)).model;
    return toResult({ ...told(spawned), resolvedModel: resolved, resolvedProvider: resolved.split("/", 1)[0] });
  } catch (error) {
    if (!isAppError(error) || error.code === "forbidden" || error.code === "internal") throw error;
    return toFailure(error, toResult({ status: "error", error: error.message }));
  }
}
