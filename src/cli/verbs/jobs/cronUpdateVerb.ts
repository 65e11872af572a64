import { defined } from "../../../base/defined.ts";
import { Command, Option } from "commander";
import { AppError } from "../../../base/appError.ts";
import type { Delivery, Job } from "../../../protocol/job.ts";
import { asClient } from "../../terminal/clientVerb.ts";
import { toMilliseconds, toMoment, toSeconds } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { readSchemaFile } from "../../terminal/schemaFile.ts";
import { CLEARABLE } from "../../../schedule/jobSchema.ts";
import {
  boundsOf,
  type JobOptions,
  strayOption,
  toPayload,
  toSchedule,
  toWait,
  withJobOptions,
} from "./cronAddVerb.ts";

interface UpdateOptions extends JobOptions {
  name?: string;
  clear?: string[];
}

/** `pincer cron update ID`: the fields that are given, and no others. */
export function cronUpdate(io: Io): Command {
  const command = new Command("update")
    .description("change the given fields of a job")
    .argument("<id>")
    .option("--name <name>", "its name")
    .addOption(new Option("--cron <expr>", "cron expression, in the zone that it has").conflicts(["every", "at"]))
    .addOption(new Option("--every <duration>", "interval such as 30m").conflicts("at").argParser(toMilliseconds))
    .addOption(new Option("--at <moment>", "once, at a moment or after a duration").argParser(toMoment))
    .option("--tz <zone>", "time zone of its cron expression")
    .addOption(new Option("--message <text>", "message that the agent answers").conflicts("event"))
    .option("--event <text>", "system event that is put into the session")
    .option("-m, --model <id>", "model of its runs")
    .option("-t, --timeout <seconds>", "limit of one firing", toSeconds)
    .option("--schema <file>", "JSON Schema that each reply is to fit")
    .addOption(
      new Option("--clear <fields...>", "take fields away that it may be without, such as model").choices(CLEARABLE),
    );
  withJobOptions(command);
  command.hook("preAction", () => {
    const options = command.opts<UpdateOptions>();
    const { tz, ...more } = options;
    const stray = strayOption(toSchedule(options) ? options : more);
    if (stray !== undefined) command.error(`error: ${stray}`);
    const given = { ...toPatch({ ...options, clear: [] }), ...defined({ outputSchema: options.schema }) };
    const both = (options.clear ?? []).find((field) => Object.hasOwn(given, field));
    if (both !== undefined) command.error(`error: ${both} is given and cleared`);
    if (Object.keys(toPatch(options)).length === 0 && tz === undefined && options.schema === undefined)
      command.error("error: nothing to change is given");
  });
  return asClient<UpdateOptions, [string]>(io, command, async ({ client, printer, options }, id) => {
    const outputSchema = await readSchemaFile(options.schema);
    const whole = isPartly(options) ? beside((await client.get("cron.get", { id })).job, options) : options;
    const patch = { ...toPatch(whole), ...defined({ outputSchema }) };
    printer.result(await client.post("cron.update", { id, patch }), ({ job }) => {
      printer.line(`${job.name}: ${job.enabled ? toWait(job) : "disabled"}`);
      if (!job.enabled && "schedule" in patch)
        printer.note(`It is off and does not fire at its new time: pincer cron enable ${id}`);
      for (const note of job.notes ?? []) printer.note(note);
    });
  });
}

/** Says a part of what has more, which the job keeps. */
function isPartly({ condition, announce, channel, webhook, ...of }: UpdateOptions): boolean {
  const isSplit = (of.cron === undefined) !== (of.tz === undefined);
  const isBare = (of.file ?? of.after) !== undefined && (of.debounce ?? of.on) === undefined;
  return isSplit || isBare || (condition ?? announce ?? channel ?? webhook) !== undefined;
}

/** The options with what the job has beside it: a new expression goes by its zone, a new command of its condition by its limit. */
function beside({ schedule, condition, delivery }: Job, options: UpdateOptions): UpdateOptions {
  const { cron, tz, file, after } = options;
  if (cron === undefined && tz !== undefined && schedule.kind !== "cron")
    throw new AppError("bad_request", "--tz belongs to --cron, and the job has no cron expression");
  return {
    ...defined({
      cron: schedule.kind === "cron" && tz !== undefined ? schedule.expr : undefined,
      tz: schedule.kind === "cron" && cron !== undefined ? schedule.tz : undefined,
      debounce: schedule.kind === "file" && file !== undefined ? schedule.debounceMs : undefined,
      on: schedule.kind === "after" && after !== undefined ? schedule.on : undefined,
      conditionTimeout: condition?.timeoutSeconds,
    }),
    ...(delivery && deliveryBeside(delivery, options)),
    ...options,
  };
}

/** Another chat is not the one of that name on another network. */
function deliveryBeside({ mode, channel, to, content }: Delivery, options: UpdateOptions): JobOptions {
  const wished = options.webhook === undefined ? "announce" : "webhook";
  const isWished = wished === "webhook" || options.announce || options.channel !== undefined;
  if (!isWished || mode !== wished) return {};
  const isThere = options.channel !== undefined && options.channel === channel;
  return defined({ report: content === "report" || undefined, to: isThere ? to : undefined });
}

function toPatch({ name, model, timeout, clear = [], ...rest }: UpdateOptions): object {
  const fields = { name, model, timeoutSeconds: timeout, schedule: toSchedule(rest), payload: toPayload(rest) };
  return { ...defined(fields), ...boundsOf(rest), ...Object.fromEntries(clear.map((field) => [field, null])) };
}
