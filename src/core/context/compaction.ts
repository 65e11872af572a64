import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { StoredMessage, SystemMessage } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Usage } from "../../protocol/usage.ts";
import { estimateTokens } from "../models/estimate.ts";
import type { EventLog } from "../state/eventLog.ts";
import { type Journal, toUsageRow } from "../state/journal.ts";
import { readContext } from "./modelContext.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import type { ModelRequest } from "../ports/provider.ts";
import type { Store } from "../ports/store.ts";
import type { SessionCache } from "../state/sessionCache.ts";
import { toTranscript } from "./transcriptText.ts";
import { addUsage, toCost } from "../models/usageSum.ts";
import { toldSession } from "../state/toldSession.ts";

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
  spend(usage: Usage): void;
}

// What stays word for word: the newest messages up to this many tokens, or a fifth of a small window.
const KEEP_TOKENS = 8_000;
const KEEP_SHARE = 0.2;
const MIN_DROPPED = 4;
// The rest of the window is for the instructions and the summary.
const TRANSCRIPT_SHARE = 0.7;

const INSTRUCTIONS = `Summarise this session so that the work can go on from your summary alone. Keep: what the user wants and every standing instruction, decisions and their reasons, files touched with their present state, commands run and what they showed, what is unfinished, exact names, paths, ids and error texts that still matter. Leave out greetings and dead ends. Write plain Markdown, at most 800 words.`;

export function createCompactor(options: {
  store: Store;
  sessionCache: SessionCache;
  events: EventLog;
  models: ModelCatalog;
  clock: Clock;
}): Compactor {
  const { store, sessionCache, events, models, clock } = options;

  /** Stores what a compaction outside of any run has said and used. */
  const writeByHand = async (session: StoredSession, model: string, facts: RunFact[], usage: Usage) => {
    const at = isoTime(clock.now());
    const changed = sessionCache.edit(session.key, (now) => ({
      ...now,
      messageCount: now.messageCount + 1,
      usage: addUsage(now.usage, usage),
      updatedAt: at,
    }));
    const row = toUsageRow({ type: "usage", usage, contextTokens: 0 }, { sessionKey: session.key, model }, at);
    const source = { runId: newId("compact"), sessionKey: session.key };
    return events.commit(source, facts, { sessions: [changed], usage: [row] });
  };

  return {
    async compact(session, work) {
      const messages = await readContext(store, session);
      const choice = work?.choice ?? (await models.choice(await models.resolve(session.model)));
      const windowTokens = choice.info?.windowTokens ?? Infinity;
      const cut = splitAt(messages, Math.min(KEEP_TOKENS, windowTokens * KEEP_SHARE));
      if (cut < MIN_DROPPED) return { compacted: false, usedTokensAfter: session.contextTokens };
      const transcript = toTranscript(messages.slice(0, cut), windowTokens * TRANSCRIPT_SHARE);
      const { text, usage } = await summarise(transcript, choice, work);
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
        { type: "usage", usage, contextTokens, model: choice.model },
      ];
      const [written] = work ? await work.journal.write(facts) : await writeByHand(session, choice.model, facts, usage);
      work?.spend(usage);
      const next = sessionCache.edit(session.key, (now) => ({ ...now, summarySeq: written!.seq, contextTokens }));
      await store.commit({ sessions: [next] });
      events.tell({ type: "session.changed", session: toldSession(next) });
      return { compacted: true, usedTokensAfter: contextTokens };
    },
  };
}

/** Index of the first message that stays. Never between a call and its results. */
function splitAt(messages: StoredMessage[], keepTokens: number): number {
  let index = messages.length;
  let tokens = 0;
  while (index > 0) {
    tokens += estimateTokens([messages[index - 1]!]);
    if (tokens > keepTokens) break;
    index -= 1;
  }
  index = Math.min(index, Math.max(messages.length - 2, 0));
  while (index > 0 && messages[index]?.role === "tool") index -= 1;
  return index;
}

async function summarise(
  transcript: string,
  choice: ModelChoice,
  work: CompactionWork | undefined,
): Promise<{ text: string; usage: Usage }> {
  const { model, provider, info } = choice;
  const request: ModelRequest = {
    model: model.slice(model.indexOf("/") + 1),
    system: "You compress transcripts of an agent's work.",
    messages: [{ role: "user", text: `${transcript}\n\n${INSTRUCTIONS}`, origin: { via: "api" } }],
    tools: [],
    attended: work === undefined || work.journal.run.origin.via === "panel",
  };
  const reserved = await work?.reserve(request, choice);
  let text = "";
  let usage: Usage | undefined;
  try {
    for await (const event of provider.stream(request, work?.signal ?? new AbortController().signal)) {
      if (event.type === "text") text += event.text;
      else if (event.type === "notice") await work?.journal.write([{ type: "run.notice", text: event.text }]);
      else if (event.type === "end") usage = { ...event.usage, costUsd: toCost(event.usage, info?.price) };
    }
  } finally {
    reserved?.dispose();
  }
  if (text.trim() === "" || !usage) throw new AppError("provider_error", `${model} gave an empty summary`);
  return { text, usage };
}
