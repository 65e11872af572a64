import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { verifyAudit } from "../../../app/audit/verifyAudit.ts";
import { AppError } from "../../../base/appError.ts";
import { findStateDir } from "../../../config/stateFolder.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { createPrinter } from "../../terminal/printer.ts";
import { toFolderPath } from "../../terminal/givenPlaces.ts";

export const audit: Verb = (io) =>
  new Command("audit")
    .description("what was done and by whom, and whether that record is whole")
    .addCommand(list(io), { isDefault: true })
    .addCommand(verify(io));

function list(io: Io): Command {
  const command = new Command("list")
    .description("print the newest records")
    .option("-n, --limit <count>", "how many", toCount, 20)
    .option("-k, --kind <kind>", "call, approval, tool, hook or gateway only", toKind);
  return asClient<{ limit: number; kind?: string }, []>(io, command, async ({ client, printer, options }) => {
    const { limit, kind } = options;
    const answer = await client.get("audit.list", { limit, kind });
    printer.result(answer, ({ records }) => {
      const rows = records.map(({ seq, at, kind: what, who, what: name, outcome }) => [
        seq,
        at,
        what,
        who ? [who.via, who.id].filter(Boolean).join(":") : "-",
        name,
        outcome,
      ]);
      printer.table(["SEQ", "AT", "KIND", "WHO", "WHAT", "OUTCOME"], rows);
    });
  });
}

function verify(io: Io): Command {
  const command = new Command("verify")
    .description("check that no line of the audit log was edited, removed or moved")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print the verdict as JSON");
  return command.action(async ({ state, json = false }: { state?: string; json?: boolean }) => {
    const verdict = await verifyAudit(state ? resolve(state) : findStateDir(io.env));
    const printer = createPrinter(io, json);
    printer.result({ ok: verdict.problems.length === 0, ...verdict }, ({ ok, lines, files, problems, unfinished }) => {
      for (const { file, line, message } of problems) printer.line(`${file}:${line}: ${message}`);
      if (unfinished) printer.line("The last line is half written; the gateway mends that when it starts.");
      if (ok) printer.line(`${lines} lines in ${files} ${files === 1 ? "file" : "files"}: whole and in order`);
    });
    const count = verdict.problems.length;
    if (count > 0)
      throw new AppError(
        "conflict",
        `The audit log is not as it was written: ${count} ${count === 1 ? "fault" : "faults"}`,
      );
  });
}

function toKind(text: string): string {
  if (!["call", "approval", "tool", "hook", "gateway"].includes(text))
    throw new InvalidArgumentError("Write call, approval, tool, hook or gateway.");
  return text;
}
