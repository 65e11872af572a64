import { randomUUID } from "node:crypto";
import { oncePer, sharedLength } from "../../base/oncePer.ts";
import type { ToolSpec } from "../../core/ports/provider.ts";
import type { Message } from "../../protocol/message.ts";
import { type Exchange, isEmpty, toExchanges } from "./exchanges.ts";
import { type ImageLimits, imagesOf } from "./imageLimits.ts";
import { wellFormedMessages } from "./wellFormed.ts";

/** How a provider writes a history. */
export interface TurnForm<T> {
  limits: ImageLimits;
  /** The same exchanges make the same turns for as long as this is the same. */
  variant: string;
  /** Whole exchanges, the first of them an answer or the history's first, to the turns of the request; `next` is what follows. */
  toTurns(exchanges: Exchange[], next?: Exchange): T[];
}

/** Makes the turns of a history; those of a history that it made before, only grown since, are kept as JSON. */
export interface HeldTurns {
  /** Where some are kept, a HeldJson stands for them, as the first; after it at least two answers. */
  make<T>(messages: Message[], form: TurnForm<T>): T[];
}

// So many messages are made anew each time rather than kept in smaller pieces.
const STEP = 16;
// What is shorter costs no more than to look it up.
const FEWEST = 48;
// A run's own messages are other objects once they were read from the store: the newest pieces can be left out again.
const MOST_PIECES = 64;

interface Piece {
  /** The place of the answer that it ends before. */
  upTo: number;
  json: string;
  /** The calls in it, whose ids no later one may have. */
  ids: string[];
}

interface Held {
  variant: string;
  messages: Message[];
  pieces: Piece[];
  ids: Set<string>;
}

/** They live as long as their history's first message. */
export function createHeldTurns(): HeldTurns {
  const all = new WeakMap<Message, Held>();
  return {
    make<T>(messages: Message[], form: TurnForm<T>): T[] {
      if (messages.length < FEWEST) return makeTurns(messages, form);
      const first = messages[0]!;
      const found = all.get(first);
      const held = found?.variant === form.variant ? found : toHeld(form.variant);
      // Taken up again only where all went well.
      all.delete(first);
      const turns = grow(held, messages, form);
      all.set(first, held);
      return turns;
    },
  };
}

/** The turns of a history, all made anew. */
export function makeTurns<T>(messages: Message[], { limits, toTurns }: TurnForm<T>): T[] {
  return toTurns(toExchanges(wellFormedMessages(messages), limits));
}

function toHeld(variant: string): Held {
  return { variant, messages: [], pieces: [], ids: new Set() };
}

function grow<T>(held: Held, messages: Message[], form: TurnForm<T>): T[] {
  const { pieces, ids } = held;
  const same = sharedLength(held.messages, messages);
  const last = answerBefore(messages, answerBefore(messages, messages.length));
  while (pieces.length > 0 && (pieces.at(-1)!.upTo >= same || pieces.at(-1)!.upTo > last))
    for (const id of pieces.pop()!.ids) ids.delete(id);
  const from = pieces.at(-1)?.upTo ?? 0;
  const before = pieces.map(({ json }) => json);
  const rest = wellFormedMessages(messages.slice(from));
  const exchanges = toExchanges(rest, form.limits, from > 0 ? ids : undefined);
  const piece = toPiece(rest, exchanges, form);
  const newIds = idsOf(exchanges);
  for (const id of newIds) ids.delete(id);
  if (piece) {
    for (const id of piece.ids) ids.add(id);
    pieces.push({ ...piece, upTo: from + piece.upTo });
    if (pieces.length > MOST_PIECES) pieces.unshift(joined(pieces.shift()!, pieces.shift()!));
  }
  held.messages = messages.slice(0, (pieces.at(-1)?.upTo ?? -1) + 1);
  const turns = form.toTurns(exchanges);
  return from > 0 ? [new HeldJson(before) as T, ...turns] : turns;
}

/** What of these messages is there to stay: up to the second answer from the end, and nothing with images, as those go when others come. */
function toPiece<T>(messages: Message[], exchanges: Exchange[], form: TurnForm<T>): Piece | undefined {
  const image = messages.findIndex((message) => imagesOf(message).length > 0);
  const answers = messages.flatMap((message, at) => (message.role === "assistant" && !isEmpty(message) ? [at] : []));
  const places = exchanges.flatMap(({ role }, at) => (role === "assistant" ? [at] : []));
  const steady = answers.slice(0, -1).findLastIndex((at) => image === -1 || at <= image);
  const upTo = answers[steady] ?? 0;
  if (upTo < STEP) return undefined;
  const place = places[steady]!;
  const kept = exchanges.slice(0, place);
  return { upTo, json: JSON.stringify(form.toTurns(kept, exchanges[place])).slice(1, -1), ids: idsOf(kept) };
}

function joined(a: Piece, b: Piece): Piece {
  return { upTo: b.upTo, json: [a.json, b.json].join(","), ids: [...a.ids, ...b.ids] };
}

function idsOf(exchanges: Exchange[]): string[] {
  return exchanges.flatMap((one) => (one.role === "assistant" ? one.message.toolCalls.map(({ id }) => id) : []));
}

/** -1 where there is none. */
function answerBefore(messages: Message[], end: number): number {
  for (let at = end - 1; at >= 0; at -= 1) {
    const message = messages[at]!;
    if (message.role === "assistant" && !isEmpty(message)) return at;
  }
  return -1;
}

/** The tools of requests, as a provider tells of each: held as JSON, as the same are in every one. */
export function heldTools<T>(toTool: (tool: ToolSpec) => T): (tools: ToolSpec[]) => T[] {
  return oncePer((tools) => [new HeldJson([JSON.stringify(tools.map(toTool)).slice(1, -1)]) as T]);
}

/** Stands among a request's turns or tools for many, whose JSON is put in its place when the request goes out. */
export class HeldJson {
  /** What an SDK sees and sends: a turn of the user in Gemini's form, this text in that of others. */
  readonly role = "user";
  readonly parts: [{ text: string }];
  readonly #pieces: string[];
  readonly #place: string;

  constructor(pieces: string[]) {
    this.#pieces = pieces;
    this.#place = randomUUID();
    this.parts = [{ text: this.#place }];
  }

  toJSON(): string {
    return this.#place;
  }

  turns(): unknown[] {
    return JSON.parse(`[${this.#pieces.join(",")}]`) as unknown[];
  }

  /** The body that an SDK made, with the turns in it. */
  fill(body: unknown): string {
    const text = JSON.stringify(this.#place);
    let from = typeof body === "string" ? body.indexOf(text) : -1;
    if (typeof body !== "string" || from === -1) throw new Error("A request lost its place for the turns of before");
    let end = from + text.length;
    if (body[from - 1] === ":") {
      from = body.lastIndexOf("{", body.lastIndexOf("{", from) - 1);
      end = body.indexOf("}", body.indexOf("}", end) + 1) + 1;
    }
    // In one step, as a long history would be copied in each.
    const pieces = this.#pieces.flatMap((piece, at) => (at === 0 ? [piece] : [",", piece]));
    return [body.slice(0, from), ...pieces, body.slice(end)].join("");
  }
}

/** The turns or tools of a request, one by one. */
export function unheld(turns: readonly unknown[]): unknown[] {
  return turns.flatMap((turn) => (turn instanceof HeldJson ? turn.turns() : [turn]));
}
