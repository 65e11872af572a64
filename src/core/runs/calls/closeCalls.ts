import type { RunFact } from "../../../protocol/event.ts";
import type { ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { RunOutcome, RunRecord } from "../../../protocol/run.ts";
import type { Store } from "../../ports/store.ts";

/** How a run ends that is not done. */
type EarlyEnd = Exclude<RunOutcome["type"], "done">;

/** Of a call that had begun, and of one that had not. */
const WORDS: Record<EarlyEnd, { begun: string; open: string }> = {
  cancelled: { begun: "Stopped", open: "the run was stopped before" },
  timed_out: { begun: "Stopped at the run's time limit", open: "the run passed its time limit before" },
  failed: { begun: "The run failed before this had a result", open: "the run failed before" },
  interrupted: { begun: "Interrupted with the run", open: "the run was interrupted before" },
};

/**
 * Results for the calls of a run that have none when it ends early, so that each call has one and none is ever made later;
 * they say how it ended. Their effect is unknown, or none where the call had not begun.
 */
export async function closeCalls(store: Store, run: Pick<RunRecord, "id">, end: EarlyEnd): Promise<RunFact[]> {
  const open = new Map<string, ToolCall>();
  const begun = new Set<string>();
  for (const event of await store.listEvents({ runId: run.id, afterId: 0, limit: 100_000 })) {
    if (event.type === "tool.started") begun.add(event.callId);
    if (event.type !== "message") continue;
    if (event.message.role === "assistant") for (const call of event.message.toolCalls) open.set(call.id, call);
    if (event.message.role === "tool") open.delete(event.message.callId);
  }
  return [...open.values()].flatMap(({ id, name }) => closed(id, name, end, begun.has(id)));
}

function closed(callId: string, name: string, end: EarlyEnd, hasBegun: boolean): RunFact[] {
  const { begun, open } = WORDS[end];
  const text = hasBegun ? `${begun}: the effect of this call is unknown.` : `Not run: ${open}.`;
  const message: ToolMessage = { role: "tool", callId, name, text, isError: true };
  return [
    { type: "tool.finished", callId, name, isError: true, durationMs: 0 },
    { type: "message", message: hasBegun ? message : { ...message, notRun: "stopped" } },
  ];
}
