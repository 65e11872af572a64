import type OpenAI from "openai";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { toldError } from "../shared/providerError.ts";
import { toStop } from "../shared/stopWords.ts";
import { textIn, toText } from "../shared/toldText.ts";
import { toldUsage } from "../shared/toldUsage.ts";
import { ChatCalls } from "./chatCalls.ts";

/** Mistral's parts of a content that is a list. */
type Part = string | { type?: string; text?: string; thinking?: Part[] | string } | null;

/** A piece of OpenRouter's reasoning: words, what they are signed with, or data of which only the model knows what it says. */
interface Detail {
  type?: string;
  index?: number;
  text?: string | null;
  summary?: string | null;
  data?: string;
  [field: string]: unknown;
}

/** Fields that servers add: DeepSeek, vLLM and LM Studio say reasoning_content; Ollama and OpenRouter say reasoning. */
interface Delta {
  content?: string | Part[] | null;
  refusal?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  reasoning_details?: Detail[] | null;
  tool_calls?: OpenAI.Chat.ChatCompletionChunk.Choice.Delta.ToolCall[] | null;
  function_call?: { name?: string; arguments?: string } | null;
}

interface Choice {
  index?: number;
  delta?: Delta | null;
  /** A whole answer in one piece. */
  message?: Delta | null;
  finish_reason?: string | null;
  error?: { message: string; code?: string | number | null } | null;
  /** Kimi's place for it. */
  usage?: OpenAI.CompletionUsage;
}

/** What is kept of an answer to be sent back with it: DeepSeek and Kimi, and Gemini behind OpenRouter or others, refuse a history without it. */
export interface ChatNative {
  reasoning_content?: string;
  reasoning_details?: Detail[];
  /** Of each call in its order, where one has some: Gemini's signatures, as Google sends them. */
  extra_content?: (object | null)[];
}

/** Reads the chunks of one chat completion. */
export class ChatAnswer {
  finish: string | undefined;
  #usage: Usage | null = null;
  #told = false;
  readonly #calls = new ChatCalls();
  readonly #native: ChatNative = {};

  /** Something of an answer came. */
  get begun(): boolean {
    return this.#told || this.#calls.count > 0;
  }

  *read(chunk: OpenAI.Chat.ChatCompletionChunk): Generator<ModelEvent> {
    const groq = (chunk as { x_groq?: { usage?: OpenAI.CompletionUsage } | null }).x_groq;
    const choices = (chunk.choices ?? []) as unknown as Choice[];
    const choice = choices.find(({ index = 0 }) => index === 0);
    const usage = chunk.usage ?? choice?.usage ?? groq?.usage;
    const spent = usage ? toUsage(usage) : null;
    if (spent) {
      this.#usage = spent;
      yield { type: "spent", usage: spent };
    }
    if (!choice) return;
    if (choice.error) throw toldError(choice.error);
    for (const event of this.#delta(choice.delta ?? choice.message ?? {})) {
      this.#told = true;
      yield event;
    }
    if (choice.finish_reason) this.finish = choice.finish_reason;
  }

  /** `finish` is missing where a server said no more than that it was done. */
  *close(title: string): Generator<ModelEvent> {
    const stop = toStop(this.finish ?? "stop", title);
    yield* this.#calls.events();
    const extras = this.#calls.extras();
    if (extras.some((extra) => extra !== null)) this.#native.extra_content = extras;
    yield {
      type: "end",
      usage: this.#usage,
      stop: this.#stopOf(stop),
      ...(Object.keys(this.#native).length > 0 ? { native: this.#native } : {}),
    };
  }

  *#delta(delta: Delta): Generator<ModelEvent> {
    const { reasoning_details: given } = delta;
    const details = Array.isArray(given) ? given.filter((one) => typeof one === "object" && one !== null) : [];
    for (const detail of details) addDetail((this.#native.reasoning_details ??= []), detail);
    // Of thinking that is no text, as where gateways only sign it, nothing that the answer needs is lost.
    const reasoning = textIn(delta.reasoning_content);
    if (reasoning) this.#native.reasoning_content = (this.#native.reasoning_content ?? "") + reasoning;
    const thinking =
      reasoning ||
      textIn(delta.reasoning) ||
      details.map(({ text, summary }) => textIn(text) ?? textIn(summary) ?? "").join("");
    if (thinking) yield { type: "thinking", text: thinking };
    yield* contentEvents(delta.content);
    const refusal = toText(delta.refusal);
    if (refusal) yield { type: "text", text: refusal };
    for (const piece of delta.tool_calls ?? []) this.#calls.add(piece);
    if (delta.function_call) this.#calls.add({ index: -1, function: delta.function_call });
  }

  #stopOf(stop: StopReason): StopReason {
    if (stop !== "done" && stop !== "tool_calls") return stop;
    return this.#calls.count > 0 ? "tool_calls" : "done";
  }
}

/** Words go on with those before them; data comes whole. */
function addDetail(all: Detail[], piece: Detail): void {
  const last = all.at(-1);
  if (!last || piece.data !== undefined || last.type !== piece.type || last.index !== piece.index) {
    all.push({ ...piece });
    return;
  }
  const { text, summary, ...others } = piece;
  for (const [field, value] of Object.entries(others)) if (value !== null) last[field] = value;
  if (text) last.text = (textIn(last.text) ?? "") + (textIn(text) ?? "");
  if (summary) last.summary = (textIn(last.summary) ?? "") + (textIn(summary) ?? "");
}

function* contentEvents(content: Delta["content"]): Generator<ModelEvent> {
  if (!Array.isArray(content)) {
    const text = toText(content);
    if (text) yield { type: "text", text };
    return;
  }
  for (const part of content) {
    const thinking = typeof part === "object" && part?.thinking ? textOf(part.thinking) : "";
    const text = thinking ? "" : textOf(part);
    if (thinking) yield { type: "thinking", text: thinking };
    if (text) yield { type: "text", text };
  }
}

/** Parts of other kinds, as images and references, have no text. */
function textOf(part: Part | Part[]): string {
  if (Array.isArray(part)) return part.map(textOf).join("");
  return typeof part === "object" ? (textIn(part) ?? "") : toText(part);
}

/** Fields that servers add: DeepSeek says prompt_cache_hit_tokens, Kimi cached_tokens, proxies before Claude the others. */
interface ChatUsage extends OpenAI.CompletionUsage {
  prompt_cache_hit_tokens?: unknown;
  cached_tokens?: unknown;
  cache_read_input_tokens?: unknown;
  cache_creation_input_tokens?: unknown;
}

/** Cached tokens are part of the prompt there; reasoning is part of the completion, or of nothing but the total (Grok). */
function toUsage(usage: ChatUsage): Usage | null {
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details: details } = usage;
  return toldUsage({
    prompt: prompt_tokens,
    output: completion_tokens,
    cacheRead:
      details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? usage.cache_read_input_tokens,
    cacheWrite: details?.cache_write_tokens ?? usage.cache_creation_input_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
    total: total_tokens,
  });
}

/** The chunk that an answer in one piece stands for, or an error. */
export function toChatFrames(answer: Record<string, unknown>): string[] {
  const frame = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
  // Ollama's own API, at an address without /v1, answers with a message and no choices.
  const { message, done_reason: finish_reason = "stop" } = answer as { message?: object; done_reason?: string };
  if (typeof message === "object" && message !== null)
    return [frame({ choices: [{ index: 0, message, finish_reason }] }), "data: [DONE]\n\n"];
  if (answer.error || !Array.isArray(answer.choices))
    return [frame({ error: answer.error ?? { message: JSON.stringify(answer).slice(0, 300) } })];
  return [frame(answer), "data: [DONE]\n\n"];
}
