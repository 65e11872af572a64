import type { GenerateContentResponse, GenerateContentResponseUsageMetadata, Part } from "@google/genai";
import { AppError } from "../../base/appError.ts";
import { newId } from "../../base/id.ts";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";

const BROKEN_CALL = /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS)$/;

/** Reads the chunks of one answer of the Gemini API: tells them as they come, and keeps the parts for a replay. */
export class GoogleAnswer {
  /** Why it ended; undefined while it has not said so. */
  finish: string | undefined;
  readonly #parts: Part[] = [];
  #usage: GenerateContentResponseUsageMetadata | undefined;
  #called = false;

  *read(chunk: GenerateContentResponse): Generator<ModelEvent> {
    if (chunk.usageMetadata) this.#usage = chunk.usageMetadata;
    const blocked = chunk.promptFeedback?.blockReason;
    if (blocked) {
      this.finish = "SAFETY";
      yield { type: "notice", text: `Refused: ${chunk.promptFeedback?.blockReasonMessage ?? blocked}` };
    }
    const candidate = chunk.candidates?.[0];
    for (const part of candidate?.content?.parts ?? []) yield* this.#part(part);
    if (candidate?.finishReason) this.finish = candidate.finishReason;
  }

  end(): ModelEvent {
    if (BROKEN_CALL.test(this.finish ?? ""))
      throw new AppError("provider_error", `The model wrote a tool call that cannot be read (${this.finish})`);
    return { type: "end", usage: toUsage(this.#usage), stop: this.#stop(), native: this.#parts };
  }

  *#part(part: Part): Generator<ModelEvent> {
    this.#keep(part);
    if (part.functionCall) {
      this.#called = true;
      const { id, name, args } = part.functionCall;
      yield { type: "toolCall", id: id ?? newId("call"), name: name ?? "", input: args ?? {} };
    } else if (part.text) yield { type: part.thought ? "thinking" : "text", text: part.text };
  }

  /** Unsigned text runs together; what carries a signature stays a part of its own, as it must come back. */
  #keep(part: Part): void {
    const last = this.#parts.at(-1);
    if (part.thoughtSignature || part.functionCall) this.#parts.push(part);
    else if (!part.text || part.thought) return;
    else if (last?.text !== undefined && !last.thoughtSignature) last.text += part.text;
    else this.#parts.push({ ...part });
  }

  #stop(): StopReason {
    if (this.finish === "MAX_TOKENS") return "length";
    if (this.finish !== "STOP" && this.finish !== "FINISH_REASON_UNSPECIFIED") return "refused";
    return this.#called ? "tool_calls" : "done";
  }
}

/** Cached tokens are part of the prompt there; thoughts are counted beside the candidates. */
function toUsage(usage: GenerateContentResponseUsageMetadata | undefined): Usage {
  const cacheReadTokens = usage?.cachedContentTokenCount ?? 0;
  const prompt = (usage?.promptTokenCount ?? 0) + (usage?.toolUsePromptTokenCount ?? 0);
  return {
    inputTokens: Math.max(0, prompt - cacheReadTokens),
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    cacheReadTokens,
    cacheWriteTokens: 0,
    costUsd: null,
  };
}
