import { onceEach } from "../../base/oncePer.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import { isTold } from "../context/told.ts";
import { foundIn } from "./calls/toolSearch.ts";

/** What a run has to know of a session's whole history. */
export interface Past {
  /** The runs that have answered. */
  begun: Set<string>;
  /** The tools that were found or called. */
  tools: Set<string>;
  /** A skill was told. */
  hasSkill: boolean;
}

/** Of a history as it was held: only what came since is looked at. */
export const pastOf: (messages: StoredMessage[]) => Past = onceEach<StoredMessage, Past>(
  () => ({ begun: new Set(), tools: new Set(), hasSkill: false }),
  (past, message) => {
    if (message.role === "assistant" && message.runId !== undefined) past.begun.add(message.runId);
    for (const name of foundIn([message])) past.tools.add(name);
    past.hasSkill ||= isTold(message) && message.kind === "skill";
  },
);
