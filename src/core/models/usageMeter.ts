import type { Usage } from "../../protocol/usage.ts";
import { estimateRequest } from "./estimate.ts";
import type { ModelChoice } from "./catalog.ts";
import type { ModelEvent, ModelRequest } from "../ports/provider.ts";
import { NO_USAGE, priceUsage } from "./usageSum.ts";

/** What a request has used, as it is shown and as it counts. */
export interface Counted {
  usage: Usage;
  /** Dollars that count towards budgets where `usage.costUsd` is not known: an estimate. */
  countedUsd?: number;
}

/** Counts one request as its events pass, so that what was spent is known however it ends. */
export interface UsageMeter {
  see(event: ModelEvent): void;
  /** Of an answer that came to its end: what the provider told, or an estimate where it told nothing. */
  whole(): Counted;
  /**
   * Of a request that broke off: what the provider told, and an estimate of the rest. Undefined when nothing is to be
   * paid for: it was never taken in, or refused. `stopped`: by us, so that the provider may have been at work.
   */
  broken(stopped: boolean): Counted | undefined;
}

const CHARS_PER_TOKEN = 4;
// The longest tokens there are stand for that many characters, all of them spaces.
const MAX_CHARS_PER_TOKEN = 128;

export function createUsageMeter(request: ModelRequest, choice: ModelChoice): UsageMeter {
  let told: Usage | null = null;
  let sent = false;
  let taken = 0;
  let chars = 0;

  const answerTokens = () => Math.ceil(chars / CHARS_PER_TOKEN);

  // No prompt has no tokens, and no answer has fewer than its text has room in: such a count was left open.
  const complete = (usage: Usage): Usage => {
    const noPrompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens === 0;
    const noAnswer = usage.outputTokens * MAX_CHARS_PER_TOKEN < chars;
    if (!noPrompt && !noAnswer) return usage;
    return {
      ...usage,
      ...(noPrompt && { inputTokens: estimateRequest(request).inputTokens }),
      ...(noAnswer && { outputTokens: answerTokens() }),
      estimated: true,
    };
  };

  const estimated = (tries: number): Counted => {
    const { inputTokens } = estimateRequest(request);
    const guess = { ...NO_USAGE, inputTokens: tries * inputTokens, outputTokens: answerTokens() };
    const { costUsd } = priceUsage(guess, choice.info?.price);
    return {
      usage: { ...guess, costUsd: null, estimated: true },
      ...(costUsd === null ? {} : { countedUsd: costUsd }),
    };
  };

  return {
    see(event) {
      if (event.type === "sent") sent = true;
      else if (event.type === "taken") taken += 1;
      else if (event.type === "spent" || event.type === "end") told = event.usage ?? told;
      else if (event.type === "text" || event.type === "thinking") chars += event.text.length;
      else if (event.type === "toolCall") chars += JSON.stringify(event.invalid ?? event.input).length;
    },
    whole: () => (told ? { usage: priceUsage(complete(told), choice.info?.price) } : estimated(1)),
    broken(stopped) {
      if (told) {
        const usage = { ...complete(told), outputTokens: Math.max(told.outputTokens, answerTokens()), estimated: true };
        return { usage: priceUsage(usage, choice.info?.price) };
      }
      const tries = chars > 0 ? 1 : Math.max(taken, sent && stopped ? 1 : 0);
      return tries > 0 ? estimated(tries) : undefined;
    },
  };
}
