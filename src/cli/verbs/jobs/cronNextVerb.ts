import { Command } from "commander";
import { describeSchedule } from "../../../schedule/describeSchedule.ts";
import { asClient } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

/** `pincer cron next [ID]`: what fires when, the soonest first. */
export function cronNext(io: Io): Command {
  const command = new Command("next")
    .description("list when jobs fire next, the soonest first")
    .argument("[id]", "of one job only")
    .option("-n, --count <count>", "how many firings", toCount, 10);
  return asClient<{ count: number }, [string | undefined]>(io, command, async ({ client, printer, options }, id) => {
    printer.result(await client.get("cron.next", { id, count: options.count }), ({ firings, waiting }) =>
      printer.table(
        ["AT", "IN", "JOB", "NAME", "WHY"],
        [
          ...firings.map(({ at, jobId, name, cause }) => [toLocal(at), relativeTime(at), jobId, name, cause]),
          ...waiting.map(({ jobId, name, schedule }) => ["-", "-", jobId, name, describeSchedule(schedule)]),
        ],
      ),
    );
  });
}

/** "2026-11-30 09:00:00 GMT+1": of the machine's zone, with what it is at that time. */
function toLocal(at: string): string {
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" })
    .formatToParts(new Date(at))
    .find(({ type }) => type === "timeZoneName");
  return `${new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" }).format(new Date(at))} ${zone?.value ?? ""}`.trim();
}
