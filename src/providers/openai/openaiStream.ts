import type OpenAI from "openai";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import { newId } from "../../base/id.ts";
import { defined } from "../../base/defined.ts";
import type { Usage } from "../../protocol/usage.ts";
import { toldError } from "../shared/providerError.ts";
import { toStop } from "../shared/stopWords.ts";
import { toText } from "../shared/toldText.ts";
import { toldUsage } from "../shared/toldUsage.ts";
import { parseInput } from "../shared/toolInput.ts";
import { namedFrame } from "../shared/wholeAnswer.ts";

type Item = OpenAI.Responses.ResponseOutputItem;

/** Reads the events of one answer of the Responses API: tells them as they come, and keeps the items for a replay. */
export class OpenaiAnswer {
  end: ModelEvent | undefined;
  readonly #items: Item[] = [];
  readonly #title: string;
  #called = false;
  #refused = false;
  #told = false;
  /** Calls that have begun and not ended, by their place: an answer may be cut in the middle of one. */
  readonly #open = new Map<number, OpenAI.Responses.ResponseFunctionToolCall>();

  constructor(title: string) {
    this.#title = title;
  }

  *read(event: OpenAI.Responses.ResponseStreamEvent): Generator<ModelEvent> {
    if (event.type === "response.output_text.delta") yield* this.#say(event.delta);
    else if (event.type === "response.refusal.delta") {
      this.#refused = true;
      yield* this.#say(event.delta);
    } else if (
      event.type === "response.reasoning_summary_text.delta" ||
      event.type === "response.reasoning_text.delta"
    ) {
      const text = toText(event.delta);
      if (text) yield { type: "thinking", text };
    } else if (event.type === "response.reasoning_summary_part.added" && event.summary_index > 0) {
      yield { type: "thinking", text: "\n\n" };
    } else if (event.type === "response.output_item.added") {
      if (event.item.type === "function_call") this.#open.set(event.output_index, { ...event.item });
    } else if (event.type === "response.function_call_arguments.delta") {
      const call = this.#open.get(event.output_index);
      if (call) call.arguments += toText(event.delta);
    } else if (event.type === "response.output_item.done") {
      this.#open.delete(event.output_index);
      yield* this.#item(event.item);
    } else if (event.type === "response.completed" || event.type === "response.incomplete")
      yield* this.#close(event.response);
    else if (event.type === "response.failed")
      throw toldError(event.response?.error ?? { message: "The response failed" });
    else if (event.type === "error") throw toldError((event as { error?: unknown }).error ?? event);
    else if ((event.type as string) === "response.cancelled") toStop("cancelled", this.#title);
  }

  *#close(response: OpenAI.Responses.Response): Generator<ModelEvent> {
    const { status, error } = response;
    if (error) throw toldError(error);
    if (status === "failed" || status === "cancelled") toStop(status === "failed" ? "error" : status, this.#title);
    // Some servers tell an item only here.
    const known = new Set(this.#items.map(({ id }) => id));
    for (const item of response.output ?? []) {
      if (this.#items.length > 0 && (item.id === undefined || known.has(item.id))) continue;
      yield* this.#item(item);
    }
    const told = new Set(this.#items.flatMap((item) => (item.type === "function_call" ? [item.call_id] : [])));
    for (const call of this.#open.values()) if (!told.has(call.call_id)) yield* this.#item(call);
    const incomplete = response.incomplete_details?.reason ?? (status === "incomplete" ? "none given" : undefined);
    const usage = toUsage(response.usage);
    if (usage) yield { type: "spent", usage };
    this.end = { type: "end", usage, stop: this.#stop(incomplete), native: this.#items };
  }

  *#say(told: unknown): Generator<ModelEvent> {
    const text = toText(told);
    if (text === "") return;
    this.#told = true;
    yield { type: "text", text };
  }

  *#item(item: Item): Generator<ModelEvent> {
    this.#items.push(item);
    if (item.type === "message" && !this.#told) {
      for (const part of item.content ?? []) {
        if (part.type === "refusal") this.#refused = true;
        yield* this.#say(part.type === "refusal" ? part.refusal : part.text);
      }
    }
    if (item.type !== "function_call") return;
    this.#called = true;
    const { input, invalid } = parseInput(item.arguments);
    yield {
      type: "toolCall",
      id: item.call_id || newId("call"),
      name: item.name,
      input,
      ...defined({ invalid }),
    };
  }

  #stop(incomplete: string | undefined): StopReason {
    if (this.#refused) return "refused";
    if (incomplete) return toStop(incomplete, this.#title);
    return this.#called ? "tool_calls" : "done";
  }
}

/** Cached tokens are part of the input there, and reasoning is part of the output. Null when nothing was told. */
function toUsage(usage: OpenAI.Responses.ResponseUsage | null | undefined): Usage | null {
  return toldUsage({
    prompt: usage?.input_tokens,
    output: usage?.output_tokens,
    cacheRead: usage?.input_tokens_details?.cached_tokens,
    cacheWrite: usage?.input_tokens_details?.cache_write_tokens,
    reasoning: usage?.output_tokens_details?.reasoning_tokens,
    total: usage?.total_tokens,
  });
}

/** The events that an answer in one piece stands for, or an error. */
export function toOpenaiFrames(answer: Record<string, unknown>): string[] {
  if (answer.error || !Array.isArray(answer.output))
    return [namedFrame({ type: "error", error: answer.error ?? { message: JSON.stringify(answer).slice(0, 300) } })];
  return [namedFrame({ type: "response.completed", response: answer })];
}
