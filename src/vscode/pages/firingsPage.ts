import { plainMarkdown } from "../../base/text/markdown.ts";
import type { NextFirings } from "../../protocol/job.ts";
import { type Locale, scheduleWords } from "../../schedule/scheduleWords.ts";

/** What the page says beside times and names, in the editor's language. */
export interface FiringsWords {
  title: string;
  retry: string;
  waiting: string;
  none: string;
}

/** When jobs fire, as Markdown: a heading for each day, as the machine's clocks will show it, and a line for each firing. */
export function firingsPage({ firings, waiting }: NextFirings, locale: Locale, words: FiringsWords): string {
  const days = Map.groupBy(firings, ({ at }) => dayOf(Date.parse(at), locale));
  const lines = [`# ${words.title}`];
  if (firings.length === 0 && waiting.length === 0) lines.push("", words.none);
  for (const [day, ofDay] of days) {
    lines.push("", `## ${day}`, "");
    for (const { at, name, cause } of ofDay)
      lines.push(
        `- ${timeOf(Date.parse(at), locale)}  ${plainMarkdown(name)}${cause === "retry" ? ` (${words.retry})` : ""}`,
      );
  }
  const names = new Map([...firings, ...waiting].map(({ jobId, name }) => [jobId, name]));
  if (waiting.length > 0) lines.push("", `## ${words.waiting}`, "");
  for (const { name, schedule } of waiting) {
    const named =
      schedule.kind === "after" ? { ...schedule, jobId: names.get(schedule.jobId) ?? schedule.jobId } : schedule;
    lines.push(`- ${plainMarkdown(name)}: ${plainMarkdown(scheduleWords(named, locale))}`);
  }
  return `${lines.join("\n")}\n`;
}

function dayOf(time: number, { language, timeZone }: Locale): string {
  const options = { weekday: "long", year: "numeric", month: "long", day: "numeric", timeZone } as const;
  return new Intl.DateTimeFormat(language, options).format(time);
}

/** With the zone's name, which tells the two hours apart that the clocks show twice. */
function timeOf(time: number, { language, timeZone }: Locale): string {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat(language, { ...options, timeZone, timeZoneName: "short" }).format(time);
}
