import { Command, CommanderError } from "commander";
import { isAppError } from "../base/appError.ts";
import * as verbs from "./verbs/index.ts";
import type { Io } from "./terminal/io.ts";
import { version } from "./terminal/version.ts";

/** Runs a command line, as in ["send", "hi"]. Resolves with the exit code: 0 ok, 1 the request failed, 2 usage. */
export async function run(args: string[], io: Io): Promise<number> {
  const program = new Command("pincer").description("An agent gateway, and its command line").version(version);
  for (const verb of Object.values(verbs)) program.addCommand(verb(io));
  bind(program, io);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isAppError(error)) throw error;
    const details = (error.details ?? []).filter(({ message }) => !error.message.includes(message));
    io.stderr.write(`pincer: ${[error.message, ...details.map(toLine)].join("\n  ")}\n`);
    return 1;
  }
}

/** Makes a command write to `io`, and throw where it would end the process. */
function bind(command: Command, io: Io): void {
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  for (const child of command.commands) bind(child, io);
}

function toLine({ path, message }: { path: string; message: string }): string {
  return path === "" ? message : `${path}: ${message}`;
}
