import { defined } from "../../base/defined.ts";
import type { Message, StoredMessage, ToolMessage } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";

/** What a session's history becomes in another one, whose numbers begin at 1. */
export interface CopiedHistory {
  messages: Message[];
  /** Where the copy's model begins to read, as in the source. */
  marks: Pick<StoredSession, "summarySeq" | "trimmedSeq">;
}

/**
 * All that was said, with the summary that stands for its older part and what is shortened of it. Calls without a result
 * get one: what they would have done is done where they were made, or nowhere.
 */
export function copyHistory(source: StoredSession, history: StoredMessage[]): CopiedHistory {
  const messages: Message[] = [];
  /** The copy's number of the first message that had this number or a later one. */
  const seqs: { was: number; is: number }[] = [];
  const seqOf = (was: number): number => seqs.find((pair) => pair.was >= was)?.is ?? messages.length + 1;
  for (const [index, message] of history.entries()) {
    seqs.push({ was: message.seq, is: messages.length + 1 });
    messages.push(toMessage(message));
    // Behind the results that the answer has.
    const next = history[index + 1];
    if (next?.role !== "tool") messages.push(...missingResults(history, index));
  }
  const summary = history.find(({ seq }) => seq === source.summarySeq);
  if (summary?.role === "system" && summary.keepFromSeq !== undefined) {
    const copy = messages[seqOf(summary.seq) - 1];
    if (copy?.role === "system") copy.keepFromSeq = seqOf(summary.keepFromSeq);
  }
  return {
    messages,
    marks: {
      ...defined({ summarySeq: summary && seqOf(summary.seq) }),
      ...(source.trimmedSeq === undefined ? {} : { trimmedSeq: seqOf(source.trimmedSeq) }),
    },
  };
}

function toMessage({ seq: _seq, id: _id, runId: _runId, sessionKey: _key, createdAt: _at, ...message }: StoredMessage) {
  return message as Message;
}

/** For the answer whose results end at this index, or that has none. */
function missingResults(history: StoredMessage[], end: number): ToolMessage[] {
  // Not by findLastIndex, which would go through all that comes after.
  let begin = end;
  while (history[begin]?.role === "tool") begin -= 1;
  const answer = history[begin];
  if (answer?.role !== "assistant") return [];
  const ended = new Set(history.slice(begin + 1, end + 1).map((message) => message.role === "tool" && message.callId));
  return answer.toolCalls
    .filter(({ id }) => !ended.has(id))
    .map(({ id, name }) => ({
      role: "tool",
      callId: id,
      name,
      text: "Not run here: this session was forked before the call had ended.",
      isError: true,
      notRun: "stopped",
    }));
}
