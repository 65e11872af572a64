import type { StoredMessage, ToolCall } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Store } from "../ports/store.ts";
import { trimBefore } from "./trim.ts";

const PAGE = 500;

/**
 * What the model sees of a session: everything, or after compaction the newest summary and what it kept; with long
 * tool output shortened where room had to be made.
 */
export async function readContext(store: Store, session: StoredSession): Promise<StoredMessage[]> {
  const messages = await readKept(store, session);
  return session.trimmedSeq === undefined ? messages : trimBefore(messages, session.trimmedSeq);
}

/** Every message of a session, oldest first. */
export async function readHistory(store: Store, sessionKey: string): Promise<StoredMessage[]> {
  const pages: StoredMessage[][] = [];
  for (let before: number | undefined, more = true; more;) {
    const { messages, hasMore } = await store.listMessages(sessionKey, { limit: PAGE, before });
    pages.unshift(messages);
    before = messages[0]?.seq;
    more = hasMore && before !== undefined;
  }
  return pages.flat();
}

async function readKept(store: Store, session: StoredSession): Promise<StoredMessage[]> {
  const pages: StoredMessage[][] = [];
  let before: number | undefined;
  for (;;) {
    const { messages, hasMore } = await store.listMessages(session.key, { limit: PAGE, before });
    pages.unshift(messages);
    before = messages[0]?.seq;
    const keepFrom = keepFromSeq(pages.flat(), session.summarySeq);
    if (!hasMore || before === undefined || (keepFrom !== undefined && before <= keepFrom)) break;
  }
  const all = pages.flat();
  const keepFrom = keepFromSeq(all, session.summarySeq);
  // Of summaries only the one that counts: a gateway may have gone away before its newest did.
  const said = all.filter((message) => !(message.role === "system" && message.kind === "summary"));
  if (keepFrom === undefined) return said;
  const summary = all.find((message) => message.seq === session.summarySeq)!;
  return [summary, ...said.filter((message) => message.seq >= keepFrom)];
}

function keepFromSeq(messages: StoredMessage[], summarySeq: number | undefined): number | undefined {
  if (summarySeq === undefined) return undefined;
  const summary = messages.find((message) => message.seq === summarySeq);
  return summary?.role === "system" ? (summary.keepFromSeq ?? summary.seq) : undefined;
}

/** Calls of the newest assistant message that have no result yet, where it is this run's own: those of others are never made. */
export function openCalls(messages: StoredMessage[], runId: string): ToolCall[] {
  const index = messages.findLastIndex((message) => message.role === "assistant");
  const last = messages[index];
  if (last?.role !== "assistant" || last.runId !== runId) return [];
  const answered = new Set(
    messages.slice(index + 1).flatMap((message) => (message.role === "tool" ? [message.callId] : [])),
  );
  return last.toolCalls.filter((call) => !answered.has(call.id));
}
