import { defined } from "../../base/defined.ts";
import type { Allowance, RateLimits } from "../../core/ports/provider.ts";
import { nameTable } from "../../base/nameTable.ts";

/** Limit, what is left of it, and when it is whole again: of Anthropic, then of OpenAI and those that speak like it. */
const REQUESTS = [
  [
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
  ],
  ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
] as const;
// Anthropic's own sum shows the tightest limit, which may be that of the answers; a prompt is held against that of prompts.
const TOKENS = [
  [
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset",
  ],
  ["anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"],
  ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
] as const;

/** What an answer's headers say of the provider's rate limits; undefined when they say nothing. */
export function readRateLimits(headers: Headers, now = Date.now()): RateLimits | undefined {
  const requests = firstOf(REQUESTS, headers, now);
  const tokens = firstOf(TOKENS, headers, now);
  if (!requests && !tokens) return undefined;
  return defined({ requests, tokens });
}

function firstOf(families: readonly (readonly [string, string, string])[], headers: Headers, now: number) {
  return families.map((names) => toAllowance(names, headers, now)).find(Boolean);
}

function toAllowance(names: readonly [string, string, string], headers: Headers, now: number): Allowance | undefined {
  const [limit, left, reset] = names.map((name) => headers.get(name));
  const resetMs = toResetMs(reset ?? "", now) ?? NaN;
  // Some proxies answer -1 where they know nothing.
  if (!(Number(limit) > 0) || left == null || left.trim() === "" || !(Number(left) >= 0) || !(resetMs >= 0))
    return undefined;
  return { limit: Number(limit), left: Number(left), resetMs };
}

const UNIT_MS = nameTable<number>({ h: 3_600_000, m: 60_000, s: 1000, ms: 1 });

/** Milliseconds of "6m0s", "12ms", "1.5" (seconds) or a date. */
function toResetMs(text: string, now: number): number | undefined {
  const given = text.trim();
  if (/^[\d.]+$/.test(given)) return Number(given) * 1000;
  if (/^([\d.]+(ms|h|m|s))+$/.test(given)) {
    return [...given.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!,
      0,
    );
  }
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
