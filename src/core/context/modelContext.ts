import { defined } from "../../base/defined.ts";
import type { StoredMessage, ToolCall } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Store } from "../ports/store.ts";
import { asRead } from "./prompts.ts";
import { trimBefore } from "./trim.ts";

const PAGE = 500;

/**
 * What the model sees of a session: everything, or after compaction the newest summary and what it kept; with long
 * tool output shortened where room had to be made.
 */
export async function readContext(store: Store, session: StoredSession): Promise<StoredMessage[]> {
  return toContext((await readKept(store, session)).messages, session);
}

/** A session's messages from some point on, oldest first, as they are stored. */
export interface Kept {
  messages: StoredMessage[];
  /** None is before them. */
  isWhole: boolean;
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

/** At least all that the context is made of. */
export async function readKept(store: Store, session: StoredSession): Promise<Kept> {
  let messages: StoredMessage[] = [];
  for (;;) {
    const page = await store.listMessages(session.key, { limit: PAGE, before: messages[0]?.seq });
    messages = [...page.messages, ...messages];
    const kept = { messages, isWhole: !page.hasMore || messages.length === 0 };
    if (isEnough(kept, session)) return kept;
  }
}

/** What the system told in a session's context, oldest first: without reading what was said. */
export async function readTold(store: Store, session: StoredSession): Promise<StoredMessage[]> {
  const { key } = session;
  const page = { roles: ["system" as const], limit: PAGE };
  const from = await readKeepFrom(store, session);
  let messages: StoredMessage[] = [];
  for (let hasMore = true; hasMore;) {
    const older = await store.listMessages(key, { ...page, ...defined({ from, before: messages[0]?.seq }) });
    messages = [...older.messages, ...messages];
    ({ hasMore } = older);
  }
  return messages;
}

/** The seq from which on the model sees what was said; undefined: all of it. */
export async function readKeepFrom(
  store: Store,
  { key, summarySeq }: Pick<StoredSession, "key" | "summarySeq">,
): Promise<number | undefined> {
  if (summarySeq === undefined) return undefined;
  const { messages } = await store.listMessages(key, { from: summarySeq, limit: PAGE, before: summarySeq + 1 });
  return keepFromSeq(messages, summarySeq);
}

/** Whether nothing of the context is missing. */
export function isEnough({ messages, isWhole }: Kept, session: StoredSession): boolean {
  const keepFrom = keepFromSeq(messages, session.summarySeq);
  return isWhole || (keepFrom !== undefined && messages[0]!.seq <= keepFrom);
}

/** The context, of messages that are enough for it. */
export function toContext(
  messages: StoredMessage[],
  session: Pick<StoredSession, "summarySeq" | "trimmedSeq">,
): StoredMessage[] {
  const seen = withSummary(messages, session.summarySeq).map(asRead);
  return session.trimmedSeq === undefined ? seen : trimBefore(seen, session.trimmedSeq);
}

function withSummary(messages: StoredMessage[], summarySeq: number | undefined): StoredMessage[] {
  // Of summaries only the one that counts: a gateway may have gone away before its newest did.
  const said = messages.filter((message) => !(message.role === "system" && message.kind === "summary"));
  const keepFrom = keepFromSeq(messages, summarySeq);
  if (keepFrom === undefined) return said;
  const summary = messages.find((message) => message.seq === summarySeq)!;
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
