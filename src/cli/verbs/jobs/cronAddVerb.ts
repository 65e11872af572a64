import { defined } from "../../../base/defined.ts";
import { Command, Option } from "commander";
import type { Payload, Schedule } from "../../../protocol/job.ts";
import { asClient } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { readSchemaFile } from "../../terminal/schemaFile.ts";
import { toMilliseconds, toMoment, toSeconds } from "../../terminal/durations.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

/** What adding and updating a job both take. */
export interface JobOptions {
  cron?: string;
  every?: number;
  at?: string;
  tz?: string;
  message?: string;
  event?: string;
  model?: string;
  timeout?: number;
  schema?: string;
}

interface AddOptions extends JobOptions {
  name: string;
  target: string;
  disabled?: boolean;
}

/** `pincer cron add`: one of --cron, --every and --at, and one of --message and --event. */
export function cronAdd(io: Io): Command {
  const command = new Command("add")
    .description("add a job")
    .requiredOption("--name <name>", "its name")
    .addOption(
      new Option("--cron <expr>", "cron expression of 5 fields, or 6 with seconds first").conflicts(["every", "at"]),
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
  command.hook("preAction", () => {
    const options = command.opts<AddOptions>();
    if (!toSchedule(options)) command.error("error: one of --cron, --every and --at is needed");
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
    };
    printer.result(await client.post("cron.add", { job }), ({ job: added }) => {
      printer.line(added.enabled ? `${added.id}  next ${relativeTime(added.nextRunAt)}` : `${added.id}  disabled`);
    });
  });
}

/** The schedule that --cron, --every or --at says. */
export function toSchedule({
  cron,
  every,
  at,
  tz,
}: Pick<AddOptions, "cron" | "every" | "at" | "tz">): Schedule | undefined {
  if (cron !== undefined) return { kind: "cron", expr: cron, ...defined({ tz }) };
  if (every !== undefined) return { kind: "every", everyMs: every };
  return at === undefined ? undefined : { kind: "at", at };
}

/** What --message or --event says. */
export function toPayload({ message, event }: Pick<AddOptions, "message" | "event">): Payload | undefined {
  if (message !== undefined) return { kind: "agentTurn", message };
  return event === undefined ? undefined : { kind: "systemEvent", text: event };
}
