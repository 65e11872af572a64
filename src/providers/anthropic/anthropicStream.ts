import type Anthropic from "@anthropic-ai/sdk";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { parseInput } from "../shared/toolInput.ts";

type StreamEvent = Anthropic.Beta.BetaRawMessageStreamEvent;

/** Reads the events of one answer: tells them as they come, and keeps the blocks for an exact replay. */
export class AnthropicAnswer {
  readonly blocks: Record<string, unknown>[] = [];
  stop: string | null = null;
  /** The API said that the answer is complete. */
  complete = false;
  usage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
  #open: Record<string, unknown> | undefined;
  #json = "";

  *read(event: StreamEvent): Generator<ModelEvent> {
    if (event.type === "message_start") this.#count(event.message.usage);
    else if (event.type === "content_block_start") {
      this.#open = { ...event.content_block };
      this.#json = "";
    } else if (event.type === "content_block_delta") yield* this.#delta(event.delta);
    else if (event.type === "content_block_stop") yield* this.#close();
    else if (event.type === "message_delta") {
      this.#count(event.usage);
      this.stop = event.delta.stop_reason;
      const why = event.delta.stop_details;
      if (why?.type === "refusal" && why.explanation) yield { type: "notice", text: `Refused: ${why.explanation}` };
    } else if (event.type === "message_stop") this.complete = true;
  }

  *#delta(delta: Anthropic.Beta.BetaRawContentBlockDelta): Generator<ModelEvent> {
    const open = this.#open ?? {};
    if (delta.type === "text_delta") {
      open.text = String(open.text ?? "") + delta.text;
      yield { type: "text", text: delta.text };
    } else if (delta.type === "thinking_delta") {
      open.thinking = String(open.thinking ?? "") + delta.thinking;
      yield { type: "thinking", text: delta.thinking };
    } else if (delta.type === "signature_delta") open.signature = delta.signature;
    else if (delta.type === "input_json_delta") this.#json += delta.partial_json;
  }

  *#close(): Generator<ModelEvent> {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    if (open.type === "tool_use") {
      const { input, invalid } = parseInput(this.#json);
      open.input = input;
      yield {
        type: "toolCall",
        id: String(open.id),
        name: String(open.name),
        input,
        ...(invalid === undefined ? {} : { invalid }),
      };
    }
    // The API refuses empty text when it is sent back.
    if (open.type !== "text" || String(open.text).trim() !== "") this.blocks.push(open);
  }

  /** Counts are cumulative: the newest that is given holds. */
  #count(counts: {
    input_tokens?: number | null;
    output_tokens?: number | null;
    cache_read_input_tokens?: number | null;
    cache_creation_input_tokens?: number | null;
  }): void {
    const { usage } = this;
    usage.inputTokens = counts.input_tokens ?? usage.inputTokens;
    usage.outputTokens = counts.output_tokens ?? usage.outputTokens;
    usage.cacheReadTokens = counts.cache_read_input_tokens ?? usage.cacheReadTokens;
    usage.cacheWriteTokens = counts.cache_creation_input_tokens ?? usage.cacheWriteTokens;
  }
}

export function toStopReason(stop: string | null): StopReason {
  if (stop === "tool_use") return "tool_calls";
  if (stop === "max_tokens" || stop === "model_context_window_exceeded") return "length";
  return stop === "refusal" ? "refused" : "done";
}
