import { BoundedMap } from "../../base/boundedMap.ts";
import type { Message } from "../../protocol/message.ts";
import { type Plainer, toPlainHistory } from "./plainHistory.ts";

/** Sessions whose provider refused their history as it was, and how it takes it. After a restart it is found out again. */
export interface PlainSessions {
  /** The messages as the session's provider takes them; the same array where it never refused any. */
  of(sessionKey: string, messages: Message[]): Message[];
  /** What was said up to the end of this run is sent in this form from now on. */
  keep(run: { id: string; sessionKey: string }, plainer: Plainer): void;
}

const MOST = 1000;

export function createPlainSessions(): PlainSessions {
  const plainers = new BoundedMap<string, { plainer: Plainer; runId: string }>(MOST);
  return {
    of(sessionKey, messages) {
      const found = plainers.get(sessionKey);
      if (!found) return messages;
      const end = messages.findLastIndex((message) => (message as { runId?: string }).runId === found.runId);
      return end === -1 ? messages : [...found.plainer(messages.slice(0, end + 1)), ...messages.slice(end + 1)];
    },
    keep(run, plainer) {
      // Texts only have no images either.
      const isPlain = plainers.get(run.sessionKey)?.plainer === toPlainHistory;
      plainers.set(run.sessionKey, { plainer: isPlain ? toPlainHistory : plainer, runId: run.id });
    },
  };
}
