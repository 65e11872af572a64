import { Command, CommanderError } from "commander";
import { isAppError, toErrorBody } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { tellInterruption } from "./terminal/interruption.ts";
import type { Verb } from "./terminal/clientVerb.ts";
import type { Io } from "./terminal/io.ts";
import { version } from "./terminal/version.ts";

/** Runs a command line of these verbs, as in ["send", "hi"]. Resolves with the exit code: 0 ok, 1 the request failed, 2 usage. */
export async function runVerbs(verbs: Verb[], args: string[], given: Io): Promise<number> {
  const { io, hasSpoken } = listened(given);
  const program = new Command("pincer").description("An agent gateway, and its command line").version(version);
  for (const verb of verbs) program.addCommand(verb(io));
  bind(program, io);
  // What printed its answer before it failed, as the doctor does, has said enough.
  const tellsJson = () => args.includes("--json") && !hasSpoken();
  const signals = args.includes("--json") ? tellInterruption(given, () => !hasSpoken()) : undefined;
  try {
    refuseUnknown(program, args);
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && tellsJson()) tellJson(io, { code: "usage", message: error.message });
      return error.exitCode === 0 ? 0 : 2;
    }
    if (tellsJson()) tellJson(io, toErrorBody(error));
    if (!isAppError(error)) throw error;
    const details = (error.details ?? []).filter(({ message }) => !error.message.includes(message));
    const lines = [error.message, ...details.map(toLine)];
    // What is shown of a session is its title, and what is asked for is its key.
    if (error.code === "not_found" && /^No session ".*" exists$/.test(error.message))
      lines.push("`pincer sessions` lists the keys of those there are");
    io.stderr.write(`pincer: ${lines.join("\n  ")}\n`);
    return 1;
  } finally {
    signals?.dispose();
  }
}

function listened(io: Io): { io: Io; hasSpoken(): boolean } {
  let spoken = false;
  const stdout = Object.create(io.stdout, {
    write: {
      value: (text: string, ended?: (error?: Error | null) => void) => {
        spoken = true;
        return ended ? io.stdout.write(text, ended) : io.stdout.write(text);
      },
    },
  }) as Io["stdout"];
  const { env, stdin, stderr, clock } = io;
  return { io: { env, stdin, stderr, stdout, ...defined({ clock }) }, hasSpoken: () => spoken };
}

/** A program that reads the answer reads the failure too; people read stderr. */
function tellJson(io: Io, error: object): void {
  io.stdout.write(`${JSON.stringify({ error })}\n`);
}

/** A group with a default would take an unknown part for one argument too many of that default. */
function refuseUnknown(program: Command, args: string[]): void {
  let command = program;
  const isHelp = args[0] === "help";
  for (const arg of isHelp ? args.slice(1) : args) {
    const next = command.commands.find((each) => each.name() === arg);
    if (next) command = next;
    else if (isHelp && command === program) command.error(`error: unknown command '${arg}'`);
    else if (arg.startsWith("-") || command === program || command.commands.length === 0) return;
    else {
      const names = command.commands.map((each) => each.name()).join(", ");
      command.error(`error: unknown command '${arg}' of pincer ${command.name()}; there are: ${names}`);
    }
  }
}

/** Makes a command write to `io`, throw where it would end the process, and name what explains it where it was misused. */
function bind(command: Command, io: Io, path = command.name()): void {
  command.exitOverride();
  command.showHelpAfterError(`See: ${path} --help`);
  command.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  for (const child of command.commands) bind(child, io, `${path} ${child.name()}`);
}

function toLine({ path, message }: { path: string; message: string }): string {
  return path === "" ? message : `${path}: ${message}`;
}
