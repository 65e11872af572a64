import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { AppError } from "../../../base/appError.ts";
import { type ExportFormat, exportSession as toText } from "../../../client/exportSession.ts";
import { asClient } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";

/** `pincer sessions export`: one session to be read; `pincer export` is for moving them all. */
export function exportSession(io: Io): Command {
  const command = new Command("export")
    .description("write a session with all its messages, to be read or kept")
    .argument("<key>")
    .addOption(
      new Option("-f, --format <format>", "as what (default: markdown; what is printed with --json: json)").choices([
        "markdown",
        "json",
      ]),
    )
    .option("-o, --out <file>", "into this file, which must not be there (default: what is printed)");
  return asClient<{ format?: ExportFormat; out?: string }, [string]>(
    io,
    command,
    async ({ client, printer, options }, sessionKey) => {
      const { text, count } = await toText(
        { status: (of) => client.get("session.status", of), history: (of) => client.get("sessions.history", of) },
        sessionKey,
        options.format ?? (printer.json && options.out === undefined ? "json" : "markdown"),
      );
      if (options.out === undefined) return printer.text(text);
      const file = resolve(options.out);
      // What was said is for nobody but its owner.
      await writeFile(file, text, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") throw new AppError("conflict", `${file} is there already; name another file`);
        throw new AppError("bad_request", `${file} cannot be written: ${error.message}`);
      });
      printer.result({ file, messages: count }, () => printer.line(`${count} messages are in ${file}`));
    },
  );
}
