import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { AppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { findSystemProgram } from "../../base/findProgram.ts";
import { createCrashWatch } from "../../processes/crashWatch.ts";
import { endGroup, endTree } from "../../processes/processTree.ts";
import { windowsListing } from "../../processes/windowsTree.ts";
import { BIG_BYTES, readBigMessage } from "./bigMessage.ts";
import { createLinePump } from "./linePump.ts";
import { createLineReader, type LongLine } from "./lineReader.ts";

/** A program that speaks the protocol over its standard input and output, in a process group of its own. */
export interface StdioWire extends Transport {
  readonly pid: number | undefined;
  /** There, so that the SDK takes this for what it is. */
  readonly stderr: null;
  /** Resolves with how it ended, "exit code 1" or "SIGKILL", once all that it wrote before is read. */
  readonly ended: Promise<string>;
  /** Lets it end by itself, politely, and by force what is left a second later, with all that it has started. */
  close(): Promise<void>;
}

export interface StdioProgram {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** What it writes to its standard error, and what is wrong with what it writes to its standard output. */
  onText(text: string): void;
}

const MAX_MESSAGE = 16 * 1024 * 1024;
const GRACE_MS = 500;
const QUIET_MS = 500;
// What floods its standard error is read no faster than this, and so has to wait.
const STDERR_PER_SECOND = 2 * 1024 * 1024;
const MOST_COMPLAINTS = 20;
// Nobody logs so much there by mistake, without a word of the protocol between.
const MOST_BAD = 10_000;

// A process that was killed ends nothing itself: who only waits for the end of its input would go, and others would not.
const crashWatch = createCrashWatch(() => {
  if (process.platform === "win32") return windowsListing();
  const ps = findSystemProgram("ps");
  return ps === undefined ? [] : [ps, "-A", "-o", "pid=,ppid="];
});

export function createStdioWire(program: StdioProgram): StdioWire {
  const exited = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let child: ChildProcess | undefined;
  let watched: Disposable | undefined;
  let closing: Promise<void> | undefined;
  const bigReads = new Set<Promise<void>>();

  const complaints = createComplaints(program.onText, () => void wire.close());
  const { complain } = complaints;
  const deliver = (message: unknown) => {
    if (isMessage(message)) {
      complaints.noteMessage();
      wire.onmessage?.(message);
    } else complain(`It wrote a line that is no message: ${JSON.stringify(message)?.slice(0, 200)}`);
  };
  const onLine = (line: Buffer) => {
    if (complaints.isOver()) return;
    if (line.length >= BIG_BYTES) {
      const read = readBigMessage(line).then(deliver, () =>
        complain(`It wrote ${line.length} bytes that are no message`),
      );
      bigReads.add(read);
      void read.finally(() => bigReads.delete(read));
      return;
    }
    // Some begin with a mark of the byte order.
    const text = line.toString("utf8").replace(/^\ufeff/, "");
    try {
      deliver(JSON.parse(text));
    } catch {
      complain(`It wrote a line that is no message: ${text.slice(0, 200)}`);
    }
  };
  const onLong = (line: LongLine) => {
    const why = `The answer has ${Math.ceil(line.bytes / 1024 / 1024)} MB; ${MAX_MESSAGE / 1024 / 1024} MB are taken`;
    complain(why);
    const id = idOf(line);
    if (id !== undefined) deliver({ jsonrpc: "2.0", id, error: { code: -32000, message: why } });
  };
  const start = async () => {
    child = await startProgram(program);
    watched = crashWatch.add(child.pid!);
    const { stdout } = child as ChildProcess & { stdout: Readable };
    const give = createLinePump<() => void>(
      (one) => one(),
      () => stdout.pause(),
      () => stdout.resume(),
    );
    const reader = createLineReader(
      MAX_MESSAGE,
      (line) => give(() => onLine(line)),
      (line) => give(() => onLong(line)),
    );
    stdout.on("data", (bytes: Buffer) => reader.add(bytes));
    readSlowly(child, (text) => program.onText(text));
    // A program that has ended takes nothing any more: told by its end.
    child.stdin!.on("error", () => {});
    child.once("exit", (code, signal) => {
      watched?.dispose();
      endGroup(child!.pid!);
      exited.resolve();
      void lastWords(stdout, bigReads).then(() => {
        for (const stream of child!.stdio) stream?.destroy();
        ended.resolve(signal ?? `exit code ${code}`);
        wire.onclose?.();
      });
    });
  };
  const end = async () => {
    const pid = child?.pid;
    if (child === undefined || pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.stdin!.end();
    const isGone = await Promise.race([exited.promise.then(() => true), pause(GRACE_MS, false)]);
    if (!isGone) await endTree(pid);
    for (const stream of child.stdio) stream?.destroy();
  };
  const wire: StdioWire = {
    stderr: null,
    get pid() {
      return child?.pid;
    },
    ended: ended.promise,
    start,
    async send(message) {
      const stdin = child?.stdin;
      if (!stdin?.writable) throw new AppError("unavailable", "The server does not run");
      if (!stdin.write(`${JSON.stringify(message)}\n`)) await drained(stdin, exited.promise);
    },
    close: () => (closing ??= end()),
  };
  return wire;
}

/** Tells of what is wrong with a standard output, at first; it is over, and `end` called, after too much with no message between. */
function createComplaints(onText: StdioProgram["onText"], end: () => void) {
  let told = 0;
  let bad = 0;
  return {
    isOver: () => bad >= MOST_BAD,
    noteMessage() {
      if (bad < MOST_BAD) bad = 0;
    },
    complain(text: string) {
      told += 1;
      bad += 1;
      if (bad === MOST_BAD) {
        onText("[It is ended: it does not speak the protocol]\n");
        end();
      }
      if (told <= MOST_COMPLAINTS) onText(`[${text}]\n`);
      if (told === MOST_COMPLAINTS) onText("[what else is wrong with its standard output is not told]\n");
    },
  };
}

async function startProgram({ file, args, cwd, env }: StdioProgram): Promise<ChildProcess> {
  try {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    return child;
  } catch (error) {
    // The system names the program also where it misses the folder.
    const why = existsSync(cwd) ? (error as Error).message : "there is no such folder";
    throw new AppError("not_found", `${file} could not be started in ${cwd}: ${why}`, { cause: error });
  }
}

/** Resolves when all is read that a program wrote before it ended, or when a stray of it that holds the pipe has nothing to say. */
async function lastWords(stdout: Readable, bigReads: ReadonlySet<Promise<void>>): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stdout.closed) return resolve();
    let timer = setTimeout(resolve, QUIET_MS);
    stdout.on("data", () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, QUIET_MS);
    });
    stdout.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await Promise.all(bigReads);
}

/** Standard error as it comes; what comes faster than anybody could read waits in the pipe, and its writer with it. */
function readSlowly(child: ChildProcess, onText: (text: string) => void): void {
  const stderr = child.stderr!;
  let left = STDERR_PER_SECOND;
  const refill = setInterval(() => {
    left = STDERR_PER_SECOND;
    stderr.resume();
  }, 1000).unref();
  // A character may come in two pieces.
  const decoder = new StringDecoder("utf8");
  stderr.on("data", (bytes: Buffer) => {
    onText(decoder.write(bytes));
    left -= bytes.length;
    if (left <= 0) stderr.pause();
  });
  child.once("exit", () => clearInterval(refill));
  stderr.on("error", () => {});
}

/** A message, or a list of them, as an older revision of the protocol has it. */
function isMessage(value: unknown): value is JSONRPCMessage {
  if (Array.isArray(value)) return value.length > 0 && value.every(isMessage);
  return typeof value === "object" && value !== null && (value as { jsonrpc?: unknown }).jsonrpc === "2.0";
}

/** The id of an answer, which stands before all else or after it. */
function idOf({ head, tail }: LongLine): number | string | undefined {
  const found =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+|"[\w:-]+")/.exec(head) ??
    /,\s*"id"\s*:\s*(\d+|"[\w:-]+")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail);
  return found ? (JSON.parse(found[1]!) as number | string) : undefined;
}

async function drained(stdin: NodeJS.WritableStream, ended: Promise<unknown>): Promise<void> {
  await Promise.race([new Promise((resolve) => stdin.once("drain", resolve)), ended]);
}
