import { type AppError, isAppError } from "../../base/appError.ts";
import type { Message } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { CompactionWork, Compactor } from "./compaction.ts";
import { estimateTokens } from "../models/estimate.ts";
import { readContext } from "./modelContext.ts";
import type { ModelChoice } from "../models/catalog.ts";
import { mayFallBack } from "../ports/providerFault.ts";
import type { Store } from "../ports/store.ts";
import type { SessionCache } from "../state/sessionCache.ts";
import { planTrim } from "./trim.ts";

/** Keeps one run's history smaller than the window of the model it asks. */
export interface FitWindow {
  /** The messages, or fewer when the window is nearly full or, `overflowed`, was too small for them. */
  make(messages: Message[], choice: ModelChoice, overflowed?: boolean): Promise<Message[]>;
}

export interface FitWindowOptions extends Omit<CompactionWork, "choice"> {
  store: Store;
  sessionCache: SessionCache;
  compactor: Compactor;
}

const TRIM_AT = 0.5;
const COMPACT_AT = 0.75;
// After an overflow the history must get this much shorter at the least.
const ENOUGH_SHARE = 0.3;
// Compaction that does not help must not be tried for ever.
const MAX_COMPACTIONS = 3;

/** Long tool output goes first, in steps, so that the prefix stays the same in between and can be cached; then older history. */
export function createFitWindow(options: FitWindowOptions): FitWindow {
  const { store, sessionCache, compactor, journal, signal, reserve, spend } = options;
  const sessionKey = journal.run.sessionKey;
  let compactions = 0;

  const say = (text: string) => journal.write([{ type: "run.notice", text }]);

  /** Tokens saved by showing more of the tool output shortened; 0 when that is not worth a new prefix. */
  const trim = async (session: StoredSession, windowTokens: number, overflowed: boolean): Promise<number> => {
    const plan = planTrim(await readContext(store, session), windowTokens, overflowed);
    if (!plan) return 0;
    const next = sessionCache.edit(sessionKey, (now) => ({
      ...now,
      trimmedSeq: plan.beforeSeq,
      contextTokens: Math.max(0, now.contextTokens - plan.savedTokens),
    }));
    await store.commit({ sessions: [next] });
    await say("Long output of earlier tool calls is shortened in what the model sees, to make room.");
    return plan.savedTokens;
  };

  const compact = async (choice: ModelChoice, overflowed: boolean): Promise<boolean> => {
    if (compactions >= MAX_COMPACTIONS) return false;
    compactions += 1;
    try {
      const work = { choice, journal, signal, reserve, spend };
      const { compacted } = await compactor.compact(await sessionCache.get(sessionKey), work);
      if (compacted) await say("The older part of this session was summarised to make room.");
      return compacted;
    } catch (error) {
      // There is some room left, so the run can go on; when there is none, its own request will say so.
      if (overflowed || signal.aborted || !isProviders(error)) throw error;
      await say(`The older part of this session could not be summarised: ${error.message}`);
      return false;
    }
  };

  return {
    async make(messages, choice, overflowed = false) {
      const windowTokens = choice.info?.windowTokens;
      if (windowTokens === undefined && !overflowed) return messages;
      const window = windowTokens ?? Infinity;
      const used = usedTokens(messages, await sessionCache.get(sessionKey));
      if (!overflowed && used <= window * TRIM_AT) return messages;
      const saved = await trim(await sessionCache.get(sessionKey), window, overflowed);
      const full = overflowed ? saved < used * ENOUGH_SHARE : used - saved > window * COMPACT_AT;
      const compacted = full && (await compact(choice, overflowed));
      return saved > 0 || compacted ? readContext(store, await sessionCache.get(sessionKey)) : messages;
    },
  };
}

function isProviders(error: unknown): error is AppError {
  return mayFallBack(error) || (isAppError(error) && error.code === "provider_error");
}

/** What the next request will hold: the last one as its provider counted it, and what came after it. */
function usedTokens(messages: Message[], session: StoredSession): number {
  const last = messages.findLastIndex((message) => message.role === "assistant");
  return Math.max(estimateTokens(messages), session.contextTokens + estimateTokens(messages.slice(last + 1)));
}
