import { onceEach } from "../../base/oncePer.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import { isTold } from "../context/told.ts";
import { foundIn } from "./calls/toolSearch.ts";

/** What a run has to know of a session's whole history. */
export interface HistoryFacts {
  /** The runs that have answered. */
  begun: Set<string>;
  /** The tools that were found or called. */
  tools: Set<string>;
  /** A skill was told. */
  hasSkill: boolean;
}

/** Of a history as it was held: only what came since is looked at. */
export const historyFactsOf: (messages: StoredMessage[]) => HistoryFacts = onceEach<StoredMessage, HistoryFacts>(
  () => ({ begun: new Set(), tools: new Set(), hasSkill: false }),
  (facts, message) => {
    if (message.role === "assistant" && message.runId !== undefined) facts.begun.add(message.runId);
    for (const name of foundIn([message])) facts.tools.add(name);
    facts.hasSkill ||= isTold(message) && message.kind === "skill";
  },
);
