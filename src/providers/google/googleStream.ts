import type { GenerateContentResponse, GenerateContentResponseUsageMetadata, Part } from "@google/genai";
import { newId } from "../../base/id.ts";
import { defined } from "../../base/defined.ts";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { toldError } from "../shared/providerError.ts";
import { toStop } from "../shared/stopWords.ts";
import { toText } from "../shared/toldText.ts";
import { toCount, toldUsage } from "../shared/toldUsage.ts";
import { parseInput } from "../shared/toolInput.ts";

/** Reads the chunks of one answer of the Gemini API: tells them as they come, and keeps the parts for a replay. */
export class GoogleAnswer {
  /** Why it ended; undefined while it has not said so. */
  finish: string | undefined;
  readonly #parts: Part[] = [];
  #usage: Usage | null = null;
  #called = false;

  *read(chunk: GenerateContentResponse): Generator<ModelEvent> {
    const { error } = chunk as { error?: unknown };
    if (error) throw toldError(error);
    const spent = chunk.usageMetadata ? toUsage(chunk.usageMetadata) : null;
    if (spent) {
      this.#usage = spent;
      yield { type: "spent", usage: spent };
    }
    const blocked = chunk.promptFeedback?.blockReason;
    if (blocked) {
      this.finish = "SAFETY";
      yield { type: "notice", text: `Refused: ${chunk.promptFeedback?.blockReasonMessage ?? blocked}` };
    }
    const candidate = chunk.candidates?.[0];
    for (const part of candidate?.content?.parts ?? []) yield* this.#part(part);
    if (candidate?.finishReason) this.finish = candidate.finishReason;
  }

  end(title: string): ModelEvent {
    const stop = toStop(this.finish ?? "none", title);
    const called: StopReason = this.#called && stop === "done" ? "tool_calls" : stop;
    return { type: "end", usage: this.#usage, stop: called, native: this.#parts };
  }

  *#part(part: Part): Generator<ModelEvent> {
    const text = toText(part.text);
    this.#keep(part);
    if (part.functionCall) {
      this.#called = true;
      const { id, name, args } = part.functionCall;
      const { input, invalid } = parseInput(args);
      yield {
        type: "toolCall",
        id: id || newId("call"),
        name: name ?? "",
        input,
        ...defined({ invalid }),
      };
    } else if (text) yield { type: part.thought ? "thinking" : "text", text };
  }

  /** Unsigned text runs together; what carries a signature stays a part of its own, as it must come back. */
  #keep(part: Part): void {
    const last = this.#parts.at(-1);
    if (part.thoughtSignature || part.functionCall) this.#parts.push(part);
    else if (!part.text || part.thought) return;
    else if (last?.text !== undefined && !last.thoughtSignature) last.text += part.text;
    else this.#parts.push({ ...part });
  }
}

/** Cached tokens are part of the prompt there; thoughts are counted beside the candidates. Null when nothing was told. */
function toUsage(usage: GenerateContentResponseUsageMetadata): Usage | null {
  return toldUsage({
    prompt: (toCount(usage.promptTokenCount) ?? 0) + (toCount(usage.toolUsePromptTokenCount) ?? 0),
    output: (toCount(usage.candidatesTokenCount) ?? 0) + (toCount(usage.thoughtsTokenCount) ?? 0),
    cacheRead: usage.cachedContentTokenCount,
  });
}

/** A whole answer has the form of a chunk, and so has an error. */
export function toGoogleFrames(answer: Record<string, unknown>): string[] {
  const known = ["candidates", "promptFeedback", "error", "usageMetadata"].some((field) => field in answer);
  const chunk = known ? answer : { error: { message: JSON.stringify(answer).slice(0, 300) } };
  return [`data: ${JSON.stringify(chunk)}\r\n\r\n`];
}
