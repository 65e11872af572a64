import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { isTimed, type Job, type Schedule } from "../../../protocol/job.ts";
import type { Usage } from "../../../protocol/usage.ts";
import { toCost, toTokens } from "../../terminal/figures.ts";
import { describeSchedule } from "../../../schedule/describeSchedule.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { cronAdd, toWait } from "./cronAddVerb.ts";
import { cronNext } from "./cronNextVerb.ts";
import { cronGrant, cronRehearse } from "./cronRehearseVerb.ts";
import { cronUpdate } from "./cronUpdateVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import { fateWords } from "./fateWords.ts";
import { relativeTime, spentTime } from "../../terminal/timeWords.ts";

export const cron: Verb = (io) =>
  new Command("cron")
    .description("list jobs, add and change them")
    .addCommand(list(io), { isDefault: true })
    .addCommand(get(io))
    .addCommand(cronAdd(io))
    .addCommand(cronUpdate(io))
    .addCommand(remove(io))
    .addCommand(run(io))
    .addCommand(cronRehearse(io))
    .addCommand(cronGrant(io))
    .addCommand(runs(io))
    .addCommand(cronNext(io))
    .addCommand(enable(io, "enable", true))
    .addCommand(enable(io, "disable", false))
    .addCommand(wake(io));

function list(io: Io): Command {
  return asClient<object, []>(io, new Command("list").description("list all jobs"), async ({ client, printer }) => {
    printer.result(await client.get("cron.list"), ({ jobs }) => {
      printer.table(
        ["ID", "NAME", "SCHEDULE", "NEXT", "LAST", "RESULT", "MAY DO"],
        jobs.map((job) => [
          job.id,
          job.name,
          toWords(job.schedule),
          nextOf(job),
          relativeTime(job.lastRunAt),
          job.lastStatus,
          job.mayDo,
        ]),
      );
      for (const { name, notes = [] } of jobs) for (const note of notes) printer.note(`${name}: ${note}`);
    });
  });
}

function get(io: Io): Command {
  const command = new Command("get").description("print one job as it is stored").argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, id) => {
    printer.result(await client.get("cron.get", { id }), ({ job }) => printer.line(JSON.stringify(job, undefined, 2)));
  });
}

function wake(io: Io): Command {
  const command = new Command("wake").description("put a system event into the main session").argument("<text>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, given) => {
    printer.result(await client.post("cron.wake", { text: given }), ({ runId, sessionKey }) =>
      printer.line(`Run ${runId} in ${sessionKey}`),
    );
  });
}

function remove(io: Io): Command {
  return asClient<object, [string]>(
    io,
    new Command("remove").description("remove a job").argument("<id>"),
    async ({ client, printer }, id) => {
      printer.result(await client.post("cron.remove", { id }), () => printer.line(`${id} is removed`));
    },
  );
}

function run(io: Io): Command {
  const command = new Command("run").description("fire a job now, without moving its next time").argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, id) => {
    const answer = await client.post("cron.run", { id });
    printer.result(answer, ({ runId, run: slot }) => {
      printer.line(
        runId === null ? `Fired: ${slot.status}` : `Fired: run ${runId} in ${slot.sessionKey ?? "its session"}`,
      );
    });
    if (answer.run.status === "failed") throw new AppError("conflict", answer.run.error ?? "It could not begin");
  });
}

function runs(io: Io): Command {
  const command = new Command("runs")
    .description("list past firings, newest first")
    .argument("[id]", "of one job only")
    .option("-n, --limit <count>", "how many", toCount, 50);
  return asClient<{ limit: number }, [string | undefined]>(io, command, async ({ client, printer, options }, id) => {
    printer.result(await client.get("cron.runs", { id, limit: options.limit }), (answer) =>
      printer.table(
        ["DUE", "JOB", "CAUSE", "RESULT", "DELIVERY", "TOOK", "TOKENS", "COST", "RUN", "SESSION", "WHY"],
        answer.runs.map((slot) => [
          relativeTime(slot.slot),
          slot.jobId,
          slot.cause,
          slot.status,
          slot.delivery?.status,
          slot.durationMs === undefined ? undefined : spentTime(slot.durationMs),
          slot.usage && toTokens(tokensOf(slot.usage)),
          slot.usage && toCost(slot.usage),
          slot.runId,
          slot.sessionKey,
          slot.error ?? (slot.delivery && fateWords(slot.delivery)) ?? slot.started ?? lastLine(slot.lastLines),
        ]),
      ),
    );
  });
}

function enable(io: Io, name: string, enabled: boolean): Command {
  const command = new Command(name).description(`${name} a job`).argument("<id>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, id) => {
    printer.result(await client.post("cron.update", { id, patch: { enabled } }), ({ job }) =>
      printer.line(enabled ? `${job.name}: ${toWait(job)}` : `${job.name} is disabled`),
    );
  });
}

function toWords(schedule: Schedule): string {
  if (schedule.kind === "every") return `every ${spentTime(schedule.everyMs)}`;
  if (schedule.kind === "at") return `at ${schedule.at}`;
  return schedule.kind === "cron" ? [schedule.expr, schedule.tz].filter(Boolean).join(" ") : describeSchedule(schedule);
}

function nextOf(job: Job): string {
  return job.enabled ? (isTimed(job.schedule) ? relativeTime(job.nextRunAt) : "waits") : "disabled";
}

function tokensOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
}

function lastLine(reply: string | undefined): string {
  return reply?.split("\n").at(-1)?.trim() || " ";
}
