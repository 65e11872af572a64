import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { StoredMessage, SystemMessage } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { estimateTokens } from "../models/estimate.ts";
import { type Counted, createMeter } from "../models/meter.ts";
import { isOverflow, isRefusal, namedWindow } from "../ports/providerFault.ts";
import type { EventLog } from "../state/eventLog.ts";
import { type Journal, toUsageRow } from "../state/journal.ts";
import { readContext } from "./modelContext.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import type { ModelRequest } from "../ports/provider.ts";
import type { Store } from "../ports/store.ts";
import type { SessionCache } from "../state/sessionCache.ts";
import { toSessionChanges } from "../state/reduce.ts";
import { toldSession } from "../state/toldSession.ts";
import { toTranscript } from "./transcriptText.ts";

/** Replaces older history by a summary in what the model sees. The originals stay in the store and in view. */
export interface Compactor {
  /** `compacted: false` when there is too little to gain. */
  compact(session: StoredSession, work?: CompactionWork): Promise<{ compacted: boolean; usedTokensAfter: number }>;
}

/** The run that asks for it, whose model writes the summary and whose budget pays. */
export interface CompactionWork {
  choice: ModelChoice;
  journal: Journal;
  signal: AbortSignal;
  reserve(request: ModelRequest, choice: ModelChoice): Promise<Disposable>;
  spend(counted: Counted): void;
}

// What stays word for word: the newest messages up to this many tokens, or a fifth of a small window.
const KEEP_TOKENS = 8_000;
const KEEP_SHARE = 0.2;
const MIN_DROPPED = 4;
// The rest of the window is for the instructions and the summary.
const TRANSCRIPT_SHARE = 0.7;
const MAX_HALVINGS = 8;
// A refusal of a transcript longer than this may well mean its length.
const LARGE_TOKENS = 3_000;

const INSTRUCTIONS = `Summarise this session so that the work can go on from your summary alone. Keep: what the user wants and every standing instruction, decisions and their reasons, files touched with their present state, commands run and what they showed, what is unfinished, exact names, paths, ids and error texts that still matter. Leave out greetings and dead ends. Write plain Markdown, at most 800 words.`;

export function createCompactor(options: {
  store: Store;
  events: EventLog;
  sessionCache: SessionCache;
  models: ModelCatalog;
  clock: Clock;
}): Compactor {
  const { store, sessionCache, events, models, clock } = options;

  /** Stores what a compaction outside of any run has said and used. */
  const writeByHand = async (session: StoredSession, model: string, facts: RunFact[], counted: Counted) => {
    const at = isoTime(clock.now());
    const row = toUsageRow({ type: "usage", ...counted, contextTokens: 0 }, { sessionKey: session.key, model }, at);
    const source = { runId: newId("compact"), sessionKey: session.key };
    const sessions = toSessionChanges(session.key, facts, at);
    const written = await events.commit({ facts: [{ source, facts }], sessions, usage: [row] });
    return written.events;
  };

  /** What a summary has cost that was not to be had. */
  const countBroken = async (
    session: StoredSession,
    choice: ModelChoice,
    work: CompactionWork | undefined,
    counted: Counted,
  ) => {
    work?.spend(counted);
    const { contextTokens } = await sessionCache.get(session.key);
    const facts: RunFact[] = [{ type: "usage", ...counted, contextTokens, model: choice.model }];
    await (work ? work.journal.write(facts) : writeByHand(session, choice.model, facts, counted));
  };

  /** Of less and less of the history, where its own request is too long for the model. */
  const summariseUntilItFits = async (
    dropped: StoredMessage[],
    session: StoredSession,
    choice: ModelChoice,
    work: CompactionWork | undefined,
  ) => {
    let maxTokens = (models.window(choice) ?? Infinity) * TRANSCRIPT_SHARE;
    for (let attempt = 0; ; attempt++) {
      const transcript = toTranscript(dropped, maxTokens);
      try {
        return await summarise(transcript, choice, work, (counted) => countBroken(session, choice, work, counted));
      } catch (error) {
        const sent = Math.ceil(transcript.length / 4);
        const tooLong = isOverflow(error) || (isRefusal(error) && sent > LARGE_TOKENS);
        if (!tooLong || attempt === MAX_HALVINGS) throw error;
        const named = namedWindow(error);
        if (named !== undefined) models.learnWindow(choice.model, named);
        maxTokens = Math.min(sent / 2, (named ?? Infinity) * TRANSCRIPT_SHARE);
      }
    }
  };

  return {
    async compact(session, work) {
      const messages = await readContext(store, session);
      const choice = work?.choice ?? (await models.choice(await models.resolve(session.model)));
      const keepTokens = Math.min(KEEP_TOKENS, (models.window(choice) ?? Infinity) * KEEP_SHARE);
      const cut = splitAt(messages, keepTokens, work !== undefined);
      const dropped = messages.slice(0, cut);
      if (cut === 0 || (cut < MIN_DROPPED && estimateTokens(dropped) < keepTokens))
        return { compacted: false, usedTokensAfter: session.contextTokens };
      const { text, counted } = await summariseUntilItFits(dropped, session, choice, work);
      const kept = messages.slice(cut);
      const summary: SystemMessage = {
        role: "system",
        kind: "summary",
        text,
        ...(kept[0] ? { keepFromSeq: kept[0].seq } : {}),
      };
      const contextTokens = estimateTokens([summary, ...kept]);
      const facts: RunFact[] = [
        { type: "message", message: summary },
        { type: "usage", ...counted, contextTokens, model: choice.model },
      ];
      const [written] = work
        ? await work.journal.write(facts)
        : await writeByHand(session, choice.model, facts, counted);
      work?.spend(counted);
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

async function summarise(
  transcript: string,
  choice: ModelChoice,
  work: CompactionWork | undefined,
  onBroken: (counted: Counted) => Promise<unknown>,
): Promise<{ text: string; counted: Counted }> {
  const { model, provider } = choice;
  const request: ModelRequest = {
    model: model.slice(model.indexOf("/") + 1),
    system: "You compress transcripts of an agent's work.",
    messages: [{ role: "user", text: `${transcript}\n\n${INSTRUCTIONS}`, origin: { via: "api" } }],
    tools: [],
    attended: work === undefined || work.journal.run.origin.via === "panel",
  };
  const meter = createMeter(request, choice);
  const signal = work?.signal ?? new AbortController().signal;
  const reserved = await work?.reserve(request, choice);
  let text = "";
  let ended = false;
  try {
    for await (const event of provider.stream(request, signal)) {
      meter.see(event);
      if (event.type === "text") text += event.text;
      else if (event.type === "notice") await work?.journal.write([{ type: "run.notice", text: event.text }]);
      else if (event.type === "end") ended = true;
    }
    if (text.trim() === "" || !ended) throw new AppError("provider_error", `${model} gave an empty summary`);
    return { text, counted: meter.whole() };
  } catch (error) {
    const counted = ended ? meter.whole() : meter.broken(signal.aborted);
    if (counted) await onBroken(counted);
    throw error;
  } finally {
    reserved?.dispose();
  }
}
