import type { RunFact } from "../../../protocol/event.ts";
import type { ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Store } from "../../ports/store.ts";

/**
 * Results for the calls of a run that have none when it stops, so that each call has one and none is ever made later.
 * Their effect is unknown, or none where the call had not begun.
 */
export async function closeCalls(store: Store, run: Pick<RunRecord, "id">): Promise<RunFact[]> {
  const open = new Map<string, ToolCall>();
  const begun = new Set<string>();
  for (const event of await store.listEvents({ runId: run.id, afterId: 0, limit: 100_000 })) {
    if (event.type === "tool.started") begun.add(event.callId);
    if (event.type !== "message") continue;
    if (event.message.role === "assistant") for (const call of event.message.toolCalls) open.set(call.id, call);
    if (event.message.role === "tool") open.delete(event.message.callId);
  }
  return [...open.values()].flatMap(({ id, name }) => closed(id, name, begun.has(id)));
}

function closed(callId: string, name: string, hasBegun: boolean): RunFact[] {
  const text = hasBegun ? "Stopped: the effect of this call is unknown." : "Not run: the run was stopped before.";
  const message: ToolMessage = { role: "tool", callId, name, text, isError: true };
  return [
    { type: "tool.finished", callId, name, isError: true, durationMs: 0 },
    { type: "message", message: hasBegun ? message : { ...message, notRun: "stopped" } },
  ];
}
