import { defined } from "../base/defined.ts";
import { toScheduleFromWords } from "./parseScheduleWords.ts";
import { scheduleHint } from "./scheduleHint.ts";
import type { Schedule } from "../protocol/job.ts";

/** What was typed as a schedule, or why it is none. */
export type ParsedSchedule = { schedule: Schedule; error?: undefined } | { schedule?: undefined; error: string };

const DAY = /^(sun|mon|tue|wed|thu|fri|sat)\b/i;
const EXAMPLES = "every weekday at 9 · in 20 minutes · tomorrow at 8:30 · every 2 hours";

/**
 * Reads words, "every weekday at 9" or "in 20 minutes", or a cron expression, optionally followed by a zone as in
 * "0 9 * * 1-5 Europe/Berlin". Words without a zone are times of `zone`; an expression without one goes by the gateway's machine.
 * Whether a moment has passed is `checkSchedule`'s to say.
 */
export function parseSchedule(text: string, now: number, zone: string): ParsedSchedule {
  const typed = text.trim();
  if (typed === "") return { error: `Type when, as in: ${EXAMPLES}` };
  const schedule = toScheduleFromWords(typed, now, zone) ?? toCron(typed);
  if (schedule) return { schedule };
  const hint = scheduleHint(typed);
  return { error: `Not understood. Type it as in: ${hint ?? `${EXAMPLES}, or as five cron fields`}` };
}

/** A cron expression in form only: whether it ever fires is `checkSchedule`'s to say. */
function toCron(text: string): Schedule | undefined {
  const fields = text.split(/\s+/);
  const named = fields.at(-1)!;
  const isNickname = fields[0]!.startsWith("@");
  const isBehind = fields.length > (isNickname ? 1 : 5) && /^[A-Za-z]/.test(named) && !DAY.test(named);
  const hasZone = isBehind || /^[A-Za-z_]+\/[A-Za-z]/.test(named);
  const tz = hasZone ? fields.pop() : undefined;
  const isWhole = isNickname ? fields.length === 1 : fields.length >= 5 && fields.length <= 7;
  if (!isWhole || text.includes(":") || (!isNickname && !/[\d*]/.test(fields[0]!))) return undefined;
  return { kind: "cron", expr: fields.join(" "), ...defined({ tz: tz || undefined }) };
}
