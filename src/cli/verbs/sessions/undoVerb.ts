import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { visibleLine } from "../../../base/text/visible.ts";
import { type ClientCall, asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Checkpoint } from "../../../protocol/checkpoint.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Printer } from "../../terminal/printer.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

interface UndoOptions {
  list?: boolean;
  before?: number;
  back?: string;
  messages?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

export const undo: Verb = (io) => {
  const command = new Command("undo")
    .description("put files back as they were before a session's last run, or before one of its messages")
    .argument("[key]", "the session", "main")
    .option("-l, --list", "only list the runs that changed files")
    .option("--before <seq>", "to before this message, as --list names it", toCount)
    .option("--back <id>", "take an undo back, by the id that it printed")
    .option("--messages", "also go on in a fork of the session that ends before the message")
    .option("-f, --force", "also files that somebody else has changed since")
    .option("-n, --dry-run", "only say what would be done");
  return asClient<UndoOptions, [string]>(io, command, async (call, sessionKey) => {
    if (call.options.list) await list(call, sessionKey);
    else await restore(call, sessionKey);
  });
};

async function list({ client, printer }: ClientCall<UndoOptions>, sessionKey: string): Promise<void> {
  printer.result(await client.get("checkpoints.list", { sessionKey }), ({ checkpoints }) =>
    printer.table(
      ["BEFORE", "WHEN", "FILES", "COMMANDS", "MESSAGE"],
      checkpoints.map(({ beforeSeq, createdAt, files, commands, text }) => [
        beforeSeq,
        relativeTime(createdAt),
        files.map(({ path }) => path).join(" "),
        commands.length,
        text.split("\n", 1)[0],
      ]),
    ),
  );
}

async function restore(call: ClientCall<UndoOptions>, sessionKey: string): Promise<void> {
  const { client, printer, options } = call;
  const { back, messages = false, force = false, dryRun = false } = options;
  const to =
    back === undefined ? { beforeSeq: options.before ?? (await lastChange(call, sessionKey)) } : { undo: back };
  const answer = await client.post("checkpoints.restore", { sessionKey, ...to, messages, force, dryRun });
  printer.result(answer, ({ restored, removed, kept, commands, unseen, undo: id, sessionKey: fork, atWork }) => {
    const gone = new Set(removed);
    const [put, deleted] = dryRun ? ["would restore", "would delete"] : ["restored", "deleted"];
    for (const path of restored) printer.line(`${gone.has(path) ? deleted : put}  ${visibleLine(path, Infinity)}`);
    for (const { path, why } of kept) printer.line(`left as it is  ${visibleLine(path, Infinity)}: ${why}`);
    if (restored.length + kept.length === 0) printer.line("There is nothing to put back.");
    tellCommands(printer, { commands, unseen });
    if (id) printer.note(`To take this back: pincer undo ${sessionKey} --back ${id}`);
    if (atWork) printer.note(`Nothing is put back while ${atWork} is at work: stop it before.`);
    if (fork) printer.line(`The session goes on as ${fork}`);
  });
}

function tellCommands(printer: Printer, { commands, unseen }: Pick<Checkpoint, "commands" | "unseen">): void {
  if (commands.length > 0)
    printer.note(
      `What commands changed outside of the folder, or in what git ignores, is not put back: ${commands.map((text) => text.split("\n", 1)[0]).join("; ")}`,
    );
  for (const why of unseen) printer.note(`Not put back: ${why}`);
}

async function lastChange({ client, printer }: ClientCall<UndoOptions>, sessionKey: string): Promise<number> {
  const { checkpoints } = await client.get("checkpoints.list", { sessionKey });
  // One that was taken back already is passed over, so that undo after undo goes further back.
  const last = checkpoints.find(({ files }) => files.some(({ state }) => state !== "as_before"));
  if (!last && checkpoints[0]) tellCommands(printer, checkpoints[0]);
  if (!last)
    throw new AppError(
      "not_found",
      `There is nothing to undo in ${sessionKey}: no run has left a change that is known`,
    );
  return last.beforeSeq;
}
