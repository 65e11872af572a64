import { defined } from "../../../base/defined.ts";
import { Command, Option } from "commander";
import { isTimed, type Job, type Payload, type Schedule } from "../../../protocol/job.ts";
import { CHANNELS } from "../../../protocol/outside/channelNames.ts";
import { describeSchedule } from "../../../schedule/describeSchedule.ts";
import { asClient } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { readSchemaFile } from "../../terminal/schemaFile.ts";
import { toAmount, toCount, toMilliseconds, toMoment, toSeconds } from "../../terminal/durations.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

/** What adding and updating a job both take. */
export interface JobOptions {
  cron?: string;
  every?: number;
  at?: string;
  tz?: string;
  file?: string;
  debounce?: number;
  exit?: string;
  after?: string;
  on?: string;
  condition?: string;
  conditionTimeout?: number;
  budget?: number;
  budgetTokens?: number;
  message?: string;
  event?: string;
  model?: string;
  timeout?: number;
  schema?: string;
  announce?: boolean;
  webhook?: string;
  channel?: string;
  to?: string;
  report?: boolean;
}

interface AddOptions extends JobOptions {
  name: string;
  target: string;
  disabled?: boolean;
}

const KINDS = ["cron", "every", "at", "file", "exit", "after"];

/** What a job waits for, and what else adding and updating one both take. */
export function withJobOptions(command: Command): Command {
  const kind = (flags: string, about: string, name: string) =>
    new Option(flags, about).conflicts(KINDS.filter((other) => other !== name));
  return command
    .addOption(kind("--file <glob>", "when a file of its folder changes that fits, such as src/**/*.ts", "file"))
    .addOption(
      new Option("--debounce <duration>", "for how long --file waits until it is quiet").argParser(toMilliseconds),
    )
    .addOption(kind("--exit <command>", "when this command ends that the agent started in the background", "exit"))
    .addOption(kind("--after <job>", "when another job has ended, by its id or name", "after"))
    .addOption(new Option("--on <end>", "how that has to end (default: ok)").choices(["ok", "failed"]))
    .option("--condition <command>", "fire only where this ends with 0")
    .option("--budget <dollars>", "ceiling of one firing in US dollars", toAmount)
    .option("--budget-tokens <count>", "ceiling of one firing in tokens", toCount)
    .addOption(new Option("--announce", "tell results in the main session").conflicts("webhook"))
    .addOption(
      new Option("--channel <name>", `and send them to a chat on ${CHANNELS.join(" or ")}`).conflicts("webhook"),
    )
    .option("--to <address>", "which chat of --channel (default: that of the first who may talk)")
    .option("--webhook <url>", "post results to this address, signed")
    .option("--report", "with --announce, --channel or --webhook: a report of what the run did");
}

/** What options say that belong to others which are not given. */
export function strayOption(options: JobOptions): string | undefined {
  const { tz, cron, debounce, file, on, after, announce, webhook, channel, to, report } = options;
  if (tz !== undefined && cron === undefined) return "--tz belongs to --cron";
  if (debounce !== undefined && file === undefined) return "--debounce belongs to --file";
  if (to !== undefined && channel === undefined) return "--to belongs to --channel";
  if (report && !announce && webhook === undefined && channel === undefined)
    return "--report belongs to --announce, --channel or --webhook";
  return on !== undefined && after === undefined ? "--on belongs to --after" : undefined;
}

/** `pincer cron add`: what it waits for, and one of --message and --event. */
export function cronAdd(io: Io): Command {
  const command = new Command("add")
    .description("add a job")
    .requiredOption("--name <name>", "its name")
    .addOption(
      new Option(
        "--cron <expr>",
        "cron expression of 5 fields, 6 with seconds first, or 7 with the year last as well",
      ).conflicts(["every", "at"]),
    )
    .addOption(
      new Option("--every <duration>", "interval such as 30m").conflicts(["at", "tz"]).argParser(toMilliseconds),
    )
    .addOption(
      new Option("--at <moment>", "once, at a moment such as 2026-12-24T18:00, or after a duration such as 20m")
        .conflicts("tz")
        .argParser(toMoment),
    )
    .option("--tz <zone>", "IANA time zone of --cron, such as Europe/Berlin")
    .addOption(new Option("--message <text>", "message that the agent answers").conflicts("event"))
    .option("--event <text>", "system event that is put into the session")
    .option("--target <session>", "main, isolated (a fresh session each time) or a session's key", "isolated")
    .option("-m, --model <id>", "model of its runs")
    .option("-t, --timeout <seconds>", "limit of one firing", toSeconds)
    .option("--schema <file>", "JSON Schema that each reply is to fit")
    .option("--disabled", "add it without firing it");
  withJobOptions(command);
  command.hook("preAction", () => {
    const options = command.opts<AddOptions>();
    const stray = strayOption(options);
    if (stray !== undefined) command.error(`error: ${stray}`);
    if (!toSchedule(options)) command.error(`error: one of ${KINDS.map((each) => `--${each}`).join(", ")} is needed`);
    if (!toPayload(options)) command.error("error: one of --message and --event is needed");
  });
  return asClient<AddOptions, []>(io, command, async ({ client, printer, options }) => {
    const job = {
      name: options.name,
      schedule: toSchedule(options),
      payload: toPayload(options),
      sessionTarget: options.target,
      enabled: options.disabled !== true,
      model: options.model,
      timeoutSeconds: options.timeout,
      ...defined({ outputSchema: await readSchemaFile(options.schema) }),
      ...boundsOf(options),
    };
    printer.result(await client.post("cron.add", { job }), ({ job: added }) => {
      printer.line(added.enabled ? `${added.id}  ${toWait(added)}` : `${added.id}  disabled`);
      for (const note of added.notes ?? []) printer.note(note);
    });
  });
}

/** When it fires, or what it waits for. */
export function toWait({ schedule, nextRunAt }: Pick<Job, "schedule" | "nextRunAt">): string {
  return isTimed(schedule) ? `next ${relativeTime(nextRunAt)}` : describeSchedule(schedule);
}

/** What bounds a firing, or keeps it from being one, and where its result goes. */
export function boundsOf(options: JobOptions) {
  const { condition, conditionTimeout, budget, budgetTokens, announce, webhook, channel, to, report } = options;
  const content = report ? ("report" as const) : undefined;
  const isAnnounced = announce || channel !== undefined;
  const mode = webhook === undefined ? (isAnnounced ? ("announce" as const) : undefined) : ("webhook" as const);
  return defined({
    delivery: mode && { mode, ...defined({ channel, to, url: webhook, content }) },
    condition:
      condition === undefined ? undefined : { command: condition, ...defined({ timeoutSeconds: conditionTimeout }) },
    budgetUsd: budget,
    budgetTokens,
  });
}

/** The schedule that --cron, --every, --at, --file, --exit or --after says. */
export function toSchedule({ cron, every, at, tz, file, debounce, exit, after, on }: JobOptions): Schedule | undefined {
  if (file !== undefined) return { kind: "file", glob: file, ...defined({ debounceMs: debounce }) };
  if (exit !== undefined) return { kind: "exit", command: exit };
  if (after !== undefined) return { kind: "after", jobId: after, on: on === "failed" ? "failed" : "ok" };
  if (cron !== undefined) return { kind: "cron", expr: cron, ...defined({ tz }) };
  if (every !== undefined) return { kind: "every", everyMs: every };
  return at === undefined ? undefined : { kind: "at", at };
}

/** What --message or --event says. */
export function toPayload({ message, event }: Pick<AddOptions, "message" | "event">): Payload | undefined {
  if (message !== undefined) return { kind: "agentTurn", message };
  return event === undefined ? undefined : { kind: "systemEvent", text: event };
}
