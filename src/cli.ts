#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { isAppError } from "./base/appError.ts";
import * as verbs from "./cli/index.ts";
import { version } from "./cli/version.ts";

// The reader of a pipe may leave early, as head does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await run(process.argv);

/** Exit code: 0 ok, 1 the request failed, 2 usage. */
async function run(argv: string[]): Promise<number> {
  const program = new Command("pincer").description("An agent gateway, and its command line").version(version);
  for (const verb of Object.values(verbs)) program.addCommand(verb());
  throwInsteadOfExit(program);
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isAppError(error)) throw error;
    process.stderr.write(`pincer: ${[error.message, ...(error.details ?? []).map(toLine)].join("\n  ")}\n`);
    return 1;
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

function toLine({ path, message }: { path: string; message: string }): string {
  return path === "" ? message : `${path}: ${message}`;
}
