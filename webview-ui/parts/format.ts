import type { Usage } from "../../src/protocol/usage.ts";

/** "0.4 s", "12 s", "3 min 5 s". */
export function toDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}

/** "812", "12.4k", "1.2M". */
export function toCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_950) return `${trimZero((count / 1000).toFixed(1))}k`;
  return `${trimZero((count / 1_000_000).toFixed(1))}M`;
}

/** "$0.0042", "$1.27"; undefined when the price is not known. */
export function toCost(costUsd: number | null): string | undefined {
  if (costUsd === null) return undefined;
  if (costUsd > 0 && costUsd < 0.0001) return "< $0.0001";
  return `$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`;
}

export function sumTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** "now", "5 min", "3 h", "2 d". */
export function toAge(iso: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000));
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

/** "4:05" */
export function toClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, "");
}
