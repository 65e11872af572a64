import { Command } from "commander";
import { asClient } from "../../terminal/clientVerb.ts";
import { toCount } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";

export function deleteSession(io: Io): Command {
  const command = new Command("delete")
    .description("cancel a session's runs and remove it with its children; main is reset")
    .argument("<key>")
    .option("--undo <seconds>", "erase it only then; until then `sessions restore` brings it back", toCount);
  return asClient<{ undo?: number }, [string]>(io, command, async ({ client, printer, options }, sessionKey) => {
    const told = await client.post("sessions.delete", { sessionKey, undoSeconds: options.undo });
    printer.result(told, ({ deleted, erasedAt }) => {
      if (erasedAt === undefined) printer.line(deleted ? `${sessionKey} is deleted` : `${sessionKey} is reset`);
      else
        printer.line(
          `${sessionKey} is deleted; until ${erasedAt} it comes back with: pincer sessions restore ${sessionKey}`,
        );
    });
  });
}

export function restoreSession(io: Io): Command {
  const command = new Command("restore")
    .description("bring back a session that was deleted with --undo, or in an editor some seconds ago")
    .argument("<key>");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.post("sessions.restore", { sessionKey }), () =>
      printer.line(`${sessionKey} is back; what it was at stays cancelled`),
    );
  });
}
