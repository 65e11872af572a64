import type { Usage } from "../../src/protocol/usage.ts";
import { dollars, language, number, t } from "./texts.ts";

/** "0.4 s", "12 s", "3 min 5 s". */
export function toDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return t("{0} s", number(seconds, 1));
  if (seconds < 60) return t("{0} s", Math.round(seconds));
  const whole = Math.round(seconds);
  const rest = whole % 60;
  const minutes = t("{0} min", Math.floor(whole / 60));
  return rest === 0 ? minutes : `${minutes} ${t("{0} s", rest)}`;
}

/** "812", "12.4K", "1.2M". */
export function toCount(count: number): string {
  return compact.format(count);
}

/** "$0.0042", "$1.27"; undefined when the price is not known. */
export function toCost(costUsd: number | null): string | undefined {
  if (costUsd === null) return undefined;
  if (costUsd > 0 && costUsd < 0.0001) return `< ${dollars(0.0001)}`;
  return dollars(costUsd);
}

/** The cost of a session: "≥ $1.27" where only some of what it used has a known one, undefined where nothing has. */
export function toSessionCost({ costUsd, knownUsd = 0 }: Usage): string | undefined {
  if (costUsd !== null) return toCost(costUsd);
  return knownUsd < 0.0001 ? undefined : `≥ ${dollars(knownUsd)}`;
}

export function sumTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** "now", "5 min", "3 h", "2 d". */
export function toAge(iso: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000));
  if (minutes < 1) return t("now");
  if (minutes < 60) return t("{0} min", minutes);
  if (minutes < 24 * 60) return t("{0} h", Math.floor(minutes / 60));
  return t("{0} d", Math.floor(minutes / (24 * 60)));
}

/** "4:05 PM", as the editor's language writes it. */
export function toTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

/** "62 %" */
export function toPercent(percent: number): string {
  return percents.format(percent / 100);
}

/** "4:05" */
export function toClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(language, { style: "percent" });
