import type OpenAI from "openai";
import type { ModelEvent } from "../../core/ports/provider.ts";
import { newId } from "../../base/id.ts";
import { defined } from "../../base/defined.ts";
import { toText } from "../shared/toldText.ts";
import { isWholeInput, parseInput } from "../shared/toolInput.ts";

type Piece = Partial<OpenAI.Chat.ChatCompletionChunk.Choice.Delta.ToolCall> & { extra_content?: object | null };

interface OpenCall {
  id: string | undefined;
  index: number | undefined;
  name: string;
  json: string;
  extra: object | null;
}

/** The tool calls of one answer, put together from pieces. Calls are complete only at the end. */
export class ChatCalls {
  readonly #calls: OpenCall[] = [];

  get count(): number {
    return this.#calls.length;
  }

  add(piece: Piece): void {
    const name = toText(piece.function?.name);
    const given: unknown = piece.function?.arguments ?? "";
    // Ollama and its like send arguments as an object.
    const json = typeof given === "string" ? given : JSON.stringify(given);
    const call = this.#callOf(piece, name, json) ?? this.#begin(piece);
    call.id ??= idOf(piece);
    call.extra ??= piece.extra_content ?? null;
    // Some send a name in pieces, others once more with each piece of the arguments.
    if (call.json === "" && !call.name.endsWith(name)) call.name += name;
    call.json += json;
  }

  *events(): Generator<ModelEvent> {
    for (const { id, name, json } of this.#calls) {
      const { input, invalid } = parseInput(json);
      yield { type: "toolCall", id: id ?? newId("call"), name, input, ...defined({ invalid }) };
    }
  }

  /** What servers say of each call beside it. */
  extras(): (object | null)[] {
    return this.#calls.map(({ extra }) => extra);
  }

  #begin({ index }: Piece): OpenCall {
    const call: OpenCall = { id: undefined, index, name: "", json: "", extra: null };
    this.#calls.push(call);
    return call;
  }

  /** The call that a piece goes on with. Indices tell, where servers send them and not 0 with each whole call. */
  #callOf(piece: Piece, name: string, json: string): OpenCall | undefined {
    const { index } = piece;
    const id = idOf(piece);
    const call = this.#calls.findLast((other) => index === undefined || other.index === index);
    if (!call) return undefined;
    // Another id begins another call, but for servers that make up one for each piece.
    const isPiece = name === "" && index !== undefined && !isWholeInput(call.json);
    if (id && call.id && id !== call.id && !isPiece) return undefined;
    const beginsAnew = name !== "" && json !== "" && call.name !== "" && isWholeInput(call.json);
    return beginsAnew ? undefined : call;
  }
}

/** Some servers count their calls. */
function idOf({ id }: { id?: unknown }): string | undefined {
  return (typeof id === "number" ? String(id) : toText(id)) || undefined;
}
