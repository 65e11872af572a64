import { type AppError, isAppError } from "../../base/appError.ts";
import type { Message } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Journal } from "../state/journal.ts";
import type { Compactor } from "./compaction.ts";
import type { CompactionWork } from "./summarise.ts";
import { estimateTokens } from "../models/estimate.ts";
import type { Histories } from "./histories.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import { isOverflow, mayFallBack, namedWindow } from "../ports/providerFault.ts";
import type { Store } from "../ports/store.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { squeeze } from "./squeeze.ts";
import { planTrim } from "./trim.ts";

/** Keeps one run's history smaller than the window of the model it asks. */
export interface FitWindow {
  /**
   * The messages, or fewer when the window is nearly full or, after an `overflow`, was too small for them. The same
   * array when nothing can be left out.
   */
  make(messages: Message[], choice: ModelChoice, overflow?: Overflow): Promise<Message[]>;
}

/** A request that was too long. */
export interface Overflow {
  error: Error;
  /** What it held by our own estimate, tools and instructions included. */
  used: number;
  /** How often the history was shortened already for this answer. */
  attempt: number;
  /** The provider did not say so; its length is the likely reason. */
  guessed: boolean;
}

export interface FitWindowOptions extends Pick<CompactionWork, "signal" | "attended" | "reserve" | "spend"> {
  journal: Journal;
  store: Store;
  histories: Histories;
  sessionRepository: SessionRepository;
  compactor: Compactor;
  models: ModelCatalog;
  /** What instructions and tools take of every request. */
  prefixTokens: number;
}

const TRIM_AT = 0.5;
const COMPACT_AT = 0.75;
// The rest is for the answer, and for what our estimate has wrong.
const FULL_AT = 0.9;
const AFTER_OVERFLOW = 0.75;
// After an overflow the history must get this much shorter at the least.
const ENOUGH_SHARE = 0.3;
// Compaction that does not help must not be tried for ever.
const MAX_COMPACTIONS = 3;
// Less than this says nothing.
const LEAST_TOKENS = 150;

/** Long tool output goes first, in steps, so that the prefix stays the same in between and can be cached; then older history; then the middle of whatever is long. */
export function createFitWindow(options: FitWindowOptions): FitWindow {
  const {
    store,
    histories,
    sessionRepository,
    compactor,
    models,
    journal,
    signal,
    attended,
    reserve,
    spend,
    prefixTokens,
  } = options;
  const sessionKey = journal.run.sessionKey;
  let compactions = 0;
  // What messages may take in all of this run's requests, once that is known to be less than the window.
  let room = Infinity;
  let isShortened = false;

  const say = (text: string) => journal.write([{ type: "run.notice", text }]);

  /** Tokens saved by showing more of the tool output shortened; 0 when that is not worth a new prefix. */
  const trim = async (session: StoredSession, windowTokens: number, overflowed: boolean): Promise<number> => {
    const plan = planTrim(await histories.context(session), windowTokens, overflowed);
    if (!plan) return 0;
    const contextTokens = Math.max(0, session.contextTokens - plan.savedTokens);
    await store.commit({ sessions: [{ key: sessionKey, patch: { trimmedSeq: plan.beforeSeq, contextTokens } }] });
    await say("Long output of earlier tool calls is shortened in what the model sees, to make room.");
    return plan.savedTokens;
  };

  const compact = async (choice: ModelChoice): Promise<boolean> => {
    if (compactions >= MAX_COMPACTIONS) return false;
    compactions += 1;
    try {
      const write: CompactionWork["write"] = (facts) => journal.write(facts);
      const work = { choice, signal, inRun: true, attended, write, reserve, spend };
      const { compacted } = await compactor.compact(await sessionRepository.get(sessionKey), work);
      if (compacted) await say("The older part of this session was summarised to make room.");
      return compacted;
    } catch (error) {
      // Long texts can still be cut, so the run can go on; when that is not enough, its own request will say so.
      if (signal.aborted || !isProviders(error)) throw error;
      await say(`The older part of this session could not be summarised: ${error.message}`);
      return false;
    }
  };

  /** The last resort: fits for sure, unless instructions and tools alone are too long. */
  const cutDown = async (messages: Message[], tokens: number): Promise<Message[]> => {
    if (estimateTokens(messages) <= tokens || tokens < LEAST_TOKENS) return messages;
    const fewer = squeeze(messages, tokens);
    await say("What is long or old in this session is left out of what the model sees: it does not fit its window.");
    return fewer;
  };

  /** Learns from an overflow how much the model takes, and what is left of that for messages. */
  const learn = (choice: ModelChoice, { error, used, attempt, guessed }: Overflow): void => {
    const known = models.window(choice);
    const named = attempt === 0 ? namedWindow(error) : undefined;
    if (named !== undefined && named < (known ?? Infinity)) models.learnWindow(choice.model, named);
    const half = Math.floor(used / 2);
    if (named === undefined && known === undefined && !guessed) models.learnWindow(choice.model, Math.max(half, 500));
    // Where we count fewer tokens than the provider does, only less than we count will fit.
    const target = named === undefined ? half : Math.min(named, used) * AFTER_OVERFLOW;
    room = Math.min(room, Math.max(target - prefixTokens, LEAST_TOKENS));
  };

  return {
    async make(messages, choice, overflow) {
      if (overflow) learn(choice, overflow);
      const windowTokens = models.window(choice);
      if (windowTokens === undefined && !overflow) return cutDown(messages, room);
      const window = windowTokens ?? Infinity;
      // The journal's own view is behind once something was shortened beside it.
      const seen = isShortened ? undefined : journal.session;
      const used = usedTokens(messages, seen ?? (await sessionRepository.get(sessionKey)));
      if (!overflow && used <= window * TRIM_AT) return cutDown(messages, room);
      let kept = messages;
      if (!overflow || overflow.attempt === 0) {
        const overflowed = overflow !== undefined;
        const saved = await trim(await sessionRepository.get(sessionKey), window, overflowed);
        const full = overflowed ? saved < used * ENOUGH_SHARE : used - saved > window * COMPACT_AT;
        const compacted = full && (await compact(choice));
        isShortened ||= saved > 0 || compacted;
        if (saved > 0 || compacted) kept = await histories.context(await sessionRepository.get(sessionKey));
      }
      const limit = Math.min(room, window * FULL_AT - prefixTokens);
      return cutDown(kept, Math.max(limit, LEAST_TOKENS));
    },
  };
}

function isProviders(error: unknown): error is AppError {
  return mayFallBack(error) || isOverflow(error) || (isAppError(error) && error.code === "provider_error");
}

/** What the next request will hold: the last one as its provider counted it, and what came after it. */
function usedTokens(messages: Message[], session: StoredSession): number {
  const last = messages.findLastIndex((message) => message.role === "assistant");
  return Math.max(estimateTokens(messages), session.contextTokens + estimateTokens(messages.slice(last + 1)));
}
