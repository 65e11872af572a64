import { AppError } from "../../../base/appError.ts";
import { type Clock, isoTime } from "../../../base/clock.ts";
import { defined } from "../../../base/defined.ts";
import { onAbort } from "../../../base/wait.ts";
import { newId } from "../../../base/id.ts";
import type { ToolMessage } from "../../../protocol/message.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Sessions } from "../../services/sessionService.ts";
import type { ToolRunner } from "../../services/toolService.ts";
import type { StoredSession } from "../../ports/storedSession.ts";
import { NO_USAGE } from "../../models/usageSum.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Tool } from "../../ports/tool.ts";
import type { EventLog } from "../../state/eventLog.ts";
import { createLooseJournal, type Journal } from "../../state/journal.ts";
import { runToolCalls, type ToolCallOptions } from "./toolCalls.ts";
import type { Toolbox } from "./toolbox.ts";

export interface ToolRunnerParts {
  tools: () => Tool[];
  sessions: Sessions;
  toolbox: Toolbox;
  toolCalls: Omit<ToolCallOptions, "tools">;
  events: EventLog;
  clock: Clock;
  agent: (journal: Journal, signal: AbortSignal) => Agent;
}

/** Calls of tools that no model asks for. */
export function createToolRunner(parts: ToolRunnerParts): ToolRunner {
  const { tools, toolbox } = parts;
  return {
    specs: (session) => toolbox.specs(session),
    effect: (name) => tools().find((tool) => tool.name === name)?.effect,
    invoke: (call) => invokeTool(parts, call),
  };
}

async function invokeTool(
  parts: ToolRunnerParts,
  { sessionKey, name, input, origin, signal }: Parameters<ToolRunner["invoke"]>[0],
): ReturnType<ToolRunner["invoke"]> {
  const session = await parts.sessions.get(sessionKey);
  const { text, isError, images } = await callAlone(parts, { session, name, input, origin, signal });
  return { text, isError, ...defined({ images }) };
}

/** A call of a tool that belongs to no run, with the rights that one would have. */
export interface LoneCall extends Pick<RunRecord, "origin" | "grants" | "attended"> {
  session: StoredSession;
  name: string;
  input: unknown;
  signal: AbortSignal;
}

/**
 * Makes one call outside of any run: decided and told as every call is. not_found for a tool that the session has not; conflict
 * for one that may have changed something and whose result is lost, so that nobody makes it again by itself.
 */
export async function callAlone(
  { toolbox, toolCalls, events, clock, agent }: Omit<ToolRunnerParts, "tools" | "sessions">,
  { session, name, input, signal, ...rights }: LoneCall,
): Promise<ToolMessage> {
  const available = toolbox.tools(session);
  const tool = available.find((one) => one.name === name);
  if (!tool) throw new AppError("not_found", `Tool not available: ${name}`);
  const run: RunRecord = {
    id: newId("call"),
    sessionKey: session.key,
    state: "running",
    ...rights,
    input: { role: "system", kind: "event", text: `Call of ${name} by hand`, origin: rights.origin },
    model: session.model ?? "none",
    usage: NO_USAGE,
    createdAt: isoTime(clock.now()),
  };
  const journal = createLooseJournal(run, events, session);
  // Whoever asks goes when it has its answer; what the call has left in the background stays.
  const during = new AbortController();
  const following = onAbort(signal, () => during.abort(signal.reason));
  try {
    const [result] = await runToolCalls(
      [{ id: newId("call"), name, input }],
      { session, journal, agent: agent(journal, during.signal), signal: during.signal },
      { ...toolCalls, tools: available },
    );
    return result!;
  } catch (error) {
    if (tool.effect === "read" || !journal.hasBegun()) throw error;
    const message = `The call of ${name} had begun, and how far it came is not known: look before it is made again`;
    throw new AppError("conflict", message, { cause: error });
  } finally {
    following.dispose();
  }
}
