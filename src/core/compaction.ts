import { isoTime, type Clock } from "../base/clock.ts";
import { newId } from "../base/id.ts";
import { AppError } from "../base/appError.ts";
import type { Message, StoredMessage, SystemMessage } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { EventLog } from "./eventLog.ts";
import { readContext } from "./modelContext.ts";
import type { ModelCatalog } from "./models.ts";
import type { Store } from "./ports/store.ts";
import type { SessionBook } from "./sessionBook.ts";

/** Replaces older history by a summary in what the model sees. The originals stay in the store and in view. */
export interface Compactor {
  /** `compacted: false` when there is too little to gain. */
  compact(
    session: Session,
    options?: { model?: string; runId?: string; signal?: AbortSignal },
  ): Promise<{ compacted: boolean; usedTokensAfter: number }>;
  /** Whether a request with these messages would come too near the model's window. */
  isNearlyFull(messages: Message[], session: Session, windowTokens: number | undefined): boolean;
}

const FULL = 0.75;
// What stays word for word: the newest messages up to this many tokens, and at least the last few.
const KEEP_TOKENS = 8_000;
const MIN_DROPPED = 4;

const INSTRUCTIONS = `Summarise this session so that the work can go on from your summary alone. Keep: what the user wants and every standing instruction, decisions and their reasons, files touched with their present state, commands run and what they showed, what is unfinished, exact names, paths, ids and error texts that still matter. Leave out greetings and dead ends. Write plain Markdown, at most 800 words.`;

export function createCompactor(options: {
  store: Store;
  book: SessionBook;
  events: EventLog;
  models: ModelCatalog;
  clock: Clock;
}): Compactor {
  const { store, book, events, models, clock } = options;
  return {
    isNearlyFull(messages, session, windowTokens) {
      if (windowTokens === undefined) return false;
      return Math.max(estimateTokens(messages), session.contextTokens) > windowTokens * FULL;
    },
    async compact(session, { model, runId, signal = new AbortController().signal } = {}) {
      const messages = await readContext(store, session);
      const cut = splitAt(messages);
      if (cut < MIN_DROPPED) return { compacted: false, usedTokensAfter: session.contextTokens };
      const id = model ?? (await models.resolve(session.model));
      const text = await summarise(messages.slice(0, cut), id, models, signal);
      const kept = messages.slice(cut);
      const summary: SystemMessage = {
        role: "system",
        kind: "summary",
        text,
        ...(kept[0] ? { keepFromSeq: kept[0].seq } : {}),
      };
      const contextTokens = estimateTokens([summary, ...kept]);
      const source = { runId: runId ?? newId("compact"), sessionKey: session.key };
      const [written] = await events.commit(source, [{ type: "message", message: summary }]);
      const next = book.edit(session.key, (now) => ({
        ...now,
        summarySeq: written!.seq,
        messageCount: now.messageCount + 1,
        contextTokens,
        updatedAt: isoTime(clock.now()),
      }));
      await store.commit({ sessions: [next] });
      events.tell({ type: "session.changed", session: next });
      return { compacted: true, usedTokensAfter: contextTokens };
    },
  };
}

/** About four characters a token: good enough to decide when to make room. */
export function estimateTokens(messages: Message[]): number {
  let chars = 0;
  for (const message of messages) {
    chars += message.text.length + 16;
    if (message.role === "assistant") chars += JSON.stringify(message.toolCalls).length;
  }
  return Math.ceil(chars / 4);
}

/** Index of the first message that stays. Never between a call and its results. */
function splitAt(messages: StoredMessage[]): number {
  let index = messages.length;
  let tokens = 0;
  while (index > 0) {
    tokens += estimateTokens([messages[index - 1]!]);
    if (tokens > KEEP_TOKENS) break;
    index -= 1;
  }
  index = Math.min(index, Math.max(messages.length - 2, 0));
  while (index > 0 && messages[index]?.role === "tool") index -= 1;
  return index;
}

async function summarise(
  messages: Message[],
  model: string,
  models: ModelCatalog,
  signal: AbortSignal,
): Promise<string> {
  const name = model.slice(model.indexOf("/") + 1);
  const request: Message = {
    role: "user",
    text: `${toTranscript(messages)}\n\n${INSTRUCTIONS}`,
    origin: { via: "api" },
  };
  let text = "";
  for await (const event of models
    .provider(model)
    .stream(
      { model: name, system: "You compress transcripts of an agent's work.", messages: [request], tools: [] },
      signal,
    )) {
    if (event.type === "text") text += event.text;
  }
  if (text.trim() === "") throw new AppError("provider_error", `${model} gave an empty summary`);
  return text;
}

function toTranscript(messages: Message[]): string {
  return messages
    .map((message) => {
      if (message.role === "tool") return `[result of ${message.name}] ${message.text.slice(0, 2000)}`;
      if (message.role !== "assistant") return `[${message.role}] ${message.text}`;
      const calls = message.toolCalls.map(
        (call) => `\n[call] ${call.name} ${JSON.stringify(call.input).slice(0, 1000)}`,
      );
      return `[assistant] ${message.text}${calls.join("")}`;
    })
    .join("\n\n");
}
