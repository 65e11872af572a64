import type { RunFact } from "../../protocol/event.ts";
import type { StoredMessage, SystemMessage } from "../../protocol/message.ts";
import { estimateTokens } from "../models/estimate.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { Counted } from "../models/usageMeter.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { EventLog } from "../state/eventLog.ts";
import { toldSession } from "../state/toldSession.ts";
import { isTold, toldAgain } from "./told.ts";
import { readContext } from "./modelContext.ts";
import { type CompactionWork, summarise } from "./summarise.ts";

/** Replaces older history by a summary in what the model sees. The originals stay in the store and in view. */
export interface Compactor {
  /** To be called in the session's lane. `compacted: false` when there is too little to gain. */
  compact(session: StoredSession, work: CompactionWork): Promise<{ compacted: boolean; usedTokensAfter: number }>;
}

// What stays word for word: the newest messages up to this many tokens, or a fifth of a small window.
const KEEP_TOKENS = 8_000;
const KEEP_SHARE = 0.2;
const MIN_DROPPED = 4;

export function createCompactor(options: { store: Store; events: EventLog; models: ModelCatalog }): Compactor {
  const { store, events, models } = options;
  return {
    async compact(session, work) {
      const { choice, signal } = work;
      const messages = await readContext(store, session);
      const keepTokens = Math.min(KEEP_TOKENS, (models.window(choice) ?? Infinity) * KEEP_SHARE);
      const cut = splitAt(messages, keepTokens, work.inRun);
      const dropped = messages.slice(0, cut);
      if (cut === 0 || (cut < MIN_DROPPED && estimateTokens(dropped) < keepTokens))
        return { compacted: false, usedTokensAfter: session.contextTokens };
      /** What a summary has cost that was not to be had. */
      const countBroken = async (counted: Counted) => {
        work.spend(counted);
        await work.write([{ type: "usage", ...counted, model: choice.model }]);
      };
      const toSum = dropped.filter((message) => !isTold(message));
      const { text, counted } = await summarise(toSum, work, models, countBroken);
      if (signal.aborted) await countBroken(counted);
      signal.throwIfAborted();
      const kept = messages.slice(cut);
      const summary: SystemMessage = {
        role: "system",
        kind: "summary",
        text,
        ...(kept[0] ? { keepFromSeq: kept[0].seq } : {}),
      };
      const again = toldAgain(dropped, kept);
      const contextTokens = estimateTokens([summary, ...kept, ...again]);
      const facts: RunFact[] = [
        ...[summary, ...again].map((message): RunFact => ({ type: "message", message })),
        { type: "usage", ...counted, contextTokens, model: choice.model },
      ];
      work.spend(counted);
      const [written] = await work.write(facts);
      const patch = { summarySeq: written!.seq, contextTokens };
      const { sessions } = await store.commit({ sessions: [{ key: session.key, patch }] });
      for (const changed of sessions) events.tell({ type: "session.changed", session: toldSession(changed) });
      return { compacted: true, usedTokensAfter: contextTokens };
    },
  };
}

/**
 * Index of the first message that stays. Never between a call and its results. The newest two stay in a run, whose work
 * they are; by hand they stay unless they are too long themselves.
 */
function splitAt(messages: StoredMessage[], keepTokens: number, inRun: boolean): number {
  let index = messages.length;
  let tokens = 0;
  while (index > 0) {
    tokens += estimateTokens([messages[index - 1]!]);
    if (tokens > keepTokens) break;
    index -= 1;
  }
  const newest = Math.max(messages.length - 2, 0);
  if (inRun || estimateTokens(messages.slice(newest)) <= keepTokens * 2) index = Math.min(index, newest);
  while (index > 0 && messages[index]?.role === "tool") index -= 1;
  return index;
}
