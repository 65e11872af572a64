import { defined } from "../../base/defined.ts";
import type Anthropic from "@anthropic-ai/sdk";
import type { ModelEvent } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { toText } from "../shared/toldText.ts";
import { toCount } from "../shared/toldUsage.ts";
import { parseInput } from "../shared/toolInput.ts";
import { namedFrame } from "../shared/wholeAnswer.ts";

type StreamEvent = Anthropic.Beta.BetaRawMessageStreamEvent;

interface OpenBlock {
  block: Record<string, unknown>;
  json: string;
}

/** Reads the events of one answer: tells them as they come, and keeps the blocks for an exact replay. */
export class AnthropicAnswer {
  readonly blocks: Record<string, unknown>[] = [];
  stop: string | null = null;
  /** The API said that the answer is complete. */
  complete = false;
  usage: Usage | null = null;
  /** Blocks that have begun and not ended, by their index: some servers interleave them. */
  readonly #open = new Map<number, OpenBlock>();

  *read(event: StreamEvent): Generator<ModelEvent> {
    if (event.type === "message_start") yield* this.#count(event.message?.usage);
    else if (event.type === "content_block_start") yield* this.#begin(event.index, event.content_block);
    else if (event.type === "content_block_delta") yield* this.#delta(event.index, event.delta);
    else if (event.type === "content_block_stop") yield* this.#close(event.index);
    else if (event.type === "message_delta") {
      yield* this.#count(event.usage);
      this.stop = event.delta?.stop_reason ?? this.stop;
      const why = event.delta?.stop_details;
      if (why?.type === "refusal" && why.explanation)
        yield { type: "notice", text: `Refused: ${toText(why.explanation)}` };
    } else if (event.type === "message_stop") {
      // A block that was never stopped is over with the message.
      for (const index of [...this.#open.keys()]) yield* this.#close(index);
      this.complete = true;
    }
  }

  *#begin(index: number, content: object): Generator<ModelEvent> {
    // An index that comes again stands for a new block.
    yield* this.#close(index);
    const block: Record<string, unknown> = { ...content };
    // It could not be sent back.
    if (typeof block.type !== "string") throw new TypeError("A block of no type");
    this.#open.set(index, { block, json: "" });
    if (block.type === "text") yield* said("text", block.text);
    if (block.type === "thinking") yield* said("thinking", block.thinking);
  }

  *#delta(index: number, delta: Anthropic.Beta.BetaRawContentBlockDelta): Generator<ModelEvent> {
    const open = this.#open.get(index) ?? this.#missing(index, delta);
    const { block } = open;
    if (delta.type === "text_delta") {
      block.text = toText(block.text) + toText(delta.text);
      yield* said("text", delta.text);
    } else if (delta.type === "thinking_delta") {
      block.thinking = toText(block.thinking) + toText(delta.thinking);
      yield* said("thinking", delta.thinking);
    } else if (delta.type === "signature_delta") block.signature = delta.signature;
    else if (delta.type === "input_json_delta") open.json += toText(delta.partial_json);
  }

  /** A block whose beginning was not told. */
  #missing(index: number, delta: Anthropic.Beta.BetaRawContentBlockDelta): OpenBlock {
    const open: OpenBlock = { block: { type: delta.type === "thinking_delta" ? "thinking" : "text" }, json: "" };
    this.#open.set(index, open);
    return open;
  }

  *#close(index: number): Generator<ModelEvent> {
    const open = this.#open.get(index);
    if (!open) return;
    this.#open.delete(index);
    const { block, json } = open;
    if (block.type === "tool_use") {
      // Some servers send the input whole, with the block's beginning.
      const { input, invalid } = parseInput(json === "" ? block.input : json);
      block.input = input;
      yield {
        type: "toolCall",
        id: String(block.id ?? ""),
        name: toText(block.name),
        input,
        ...defined({ invalid }),
      };
    }
    // The API refuses empty text when it is sent back.
    if (block.type !== "text" || toText(block.text).trim() !== "") this.blocks.push(block);
  }

  /** Counts are cumulative: the newest that is given holds. Some servers end with zeros in place of what they told before. */
  *#count(counts: Counts | null | undefined): Generator<ModelEvent> {
    if (!counts) return;
    const before = this.usage ?? NOTHING;
    this.usage = {
      inputTokens: toCount(counts.input_tokens) || before.inputTokens,
      outputTokens: toCount(counts.output_tokens) || before.outputTokens,
      cacheReadTokens: toCount(counts.cache_read_input_tokens) || before.cacheReadTokens,
      cacheWriteTokens: toCount(counts.cache_creation_input_tokens) || before.cacheWriteTokens,
      costUsd: null,
    };
    yield { type: "spent", usage: this.usage };
  }
}

function* said(type: "text" | "thinking", told: unknown): Generator<ModelEvent> {
  const text = toText(told);
  if (text) yield { type, text };
}

interface Counts {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };

/** The events that an answer in one piece stands for, or an error. */
export function toAnthropicFrames(answer: Record<string, unknown>): string[] {
  if (answer.error !== undefined || !Array.isArray(answer.content))
    return [namedFrame({ type: "error", error: answer.error ?? { message: JSON.stringify(answer).slice(0, 300) } })];
  const blocks = answer.content as Record<string, unknown>[];
  return [
    namedFrame({ type: "message_start", message: { ...answer, content: [] } }),
    ...blocks.flatMap((content_block, index) => [
      namedFrame({ type: "content_block_start", index, content_block }),
      namedFrame({ type: "content_block_stop", index }),
    ]),
    namedFrame({ type: "message_delta", delta: { stop_reason: answer.stop_reason }, usage: answer.usage }),
    namedFrame({ type: "message_stop" }),
  ];
}
