import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import { AppError, isAppError } from "../../base/appError.ts";
import { isFolderAt } from "../../base/files/entryAt.ts";
import { onAbort } from "../../base/wait.ts";
import { createCapture } from "./capture.ts";
import { isWatcher } from "./shellCall.ts";
import { createCrashWatch } from "../../processes/crashWatch.ts";
import { windowsListing } from "../../processes/windowsTree.ts";
import { namespaceEnd } from "../../processes/namespaceEnd.ts";
import { linuxProcess } from "../../processes/posixProcesses.ts";
import { endGroup, endGroupAtExit, endTree, groupMembers } from "../../processes/processTree.ts";

// Elsewhere the shell itself watches the leash.
const crashWatch = process.platform === "win32" ? createCrashWatch(windowsListing) : undefined;

// With the separator and the end that Windows adds, 260.
const LONGEST_WINDOWS_FOLDER = 258;
const LEASH_MS = 100;
// The kernel ends them at once, and on a busy machine that takes its time; one that waits for a dead disk is not waited for.
const ENDED_MS = 5_000;
const GRACE_MS = 100;
const LOOKS = 5;
const DRAIN_MS = 300;

export interface ChildRequest {
  file: string;
  args: string[];
  /** On Windows: the arguments are not to be quoted again. */
  verbatim?: boolean;
  cwd: string;
  env: Record<string, string>;
  /** Aborting kills the whole tree. */
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Of the output that is kept, head and tail; 30,000 when not given. */
  maxChars?: number;
  onOutput?(text: string, from: "stdout" | "stderr"): void;
  /** What its standard input holds; nothing when not given. */
  input?: string;
  /** It may be given more later: its input stays open. */
  keepsInput?: boolean;
  /** What it leaves running ends with it, by its sandbox: that is waited for. */
  endsTree?: boolean;
  /** How a tree is ended, in place of the system's own way. */
  endTree?: typeof endTree;
}

export interface ChildOutcome {
  /** null when a signal ended it. */
  exitCode: number | null;
  endedBy: NodeJS.Signals | null;
  timedOut: boolean;
  /** What it had left running in its group, ended with it; as they were started. */
  leftovers: string[];
  /** What could not be ended when it was stopped. */
  survivors: string[];
}

/** A program that was started, in a process group of its own. */
export interface Child {
  pid: number;
  /** Standard output and error as they came, decoded, head and tail. */
  output(): string;
  /** Resolves when the program has ended and nothing of its tree is left, or when it could not be ended. Never rejects. */
  outcome: Promise<ChildOutcome>;
  /** More for its standard input; null ends it. False when it takes none. */
  write(text: string | null): boolean;
  /** Ends the tree: politely, and by force what is left a second later. Nothing once the program has ended: its pid may be another's. */
  stop(): Promise<void>;
  /** Ends the program alone, at once; nothing once it has ended. */
  kill(): void;
}

/**
 * Starts a program with nothing on its standard input but what is given for it. Descriptor 3 is a leash: it closes when this process dies,
 * however it dies, and a program that watches it can end itself. Rejects when the program cannot be started.
 */
export async function startChild(request: ChildRequest): Promise<Child> {
  request.signal?.throwIfAborted();
  if ([request.file, ...request.args].some((word) => word.includes("\0")))
    throw new AppError("bad_request", "A command must not hold a NUL character");
  const child = await start(request);
  const pid = child.pid!;
  const watched = crashWatch?.add(pid);
  const began = request.endsTree ? beganAt(pid) : 0;
  const capture = createCapture(request.maxChars ?? 30_000);
  for (const from of ["stdout", "stderr"] as const) {
    const stream = child[from]!;
    const decoder = new StringDecoder("utf8");
    stream.on("data", (bytes: Buffer) => {
      const text = decoder.write(bytes);
      capture.add(text);
      request.onOutput?.(text, from);
    });
  }

  const atExit = endGroupAtExit(pid);
  let stopping: Promise<void> | undefined;
  let hasEnded = false;
  let survivors: string[] = [];
  const end = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  const ended = end.promise;
  child.once("exit", (code, signal) => {
    hasEnded = true;
    end.resolve({ code, signal });
  });
  const drained = Promise.all([child.stdout!, child.stderr!].map(closed));
  const leash = child.stdio[3] as Duplex;
  leash.on("error", () => {});
  const unleashed = closed(leash);
  const endAll = async () => {
    survivors = await (request.endTree ?? endTree)(pid);
    // Nobody waits for what cannot be ended.
    if (survivors.length > 0) end.resolve({ code: null, signal: null });
  };
  // What it has left is ended below.
  const stop = async () => await (hasEnded ? stopping : (stopping ??= endAll()));

  let timedOut = false;
  // At once when it happened while the program was starting.
  const gone = onAbort(request.signal, () => void stop());
  const timer =
    request.timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), void stop()), request.timeoutMs);

  const outcome = ended.then(async ({ code, signal }): Promise<ChildOutcome> => {
    clearTimeout(timer);
    gone.dispose();
    await stopping;
    watched?.dispose();
    // The watcher at the leash's other end goes when a line comes; what is in the group then was left running.
    leash.end("\n");
    await Promise.race([unleashed, pause(LEASH_MS)]);
    if (request.endsTree) await namespaceEnd(began, ENDED_MS);
    let leftovers = stopping ? [] : await leftIn(pid);
    // Their last words may be on their way, and who has said them is gone a moment later.
    for (let looks = 0; leftovers.length > 0 && looks < LOOKS; looks += 1) {
      await Promise.race(looks === 0 ? [drained, pause(GRACE_MS)] : [pause(GRACE_MS / LOOKS)]);
      leftovers = await leftIn(pid);
    }
    endGroup(pid);
    atExit.dispose();
    // A stray in a group of its own may hold the pipes open for ever.
    await Promise.race([drained, pause(DRAIN_MS)]);
    for (const stream of child.stdio) stream?.destroy();
    return { exitCode: code, endedBy: signal, timedOut, leftovers, survivors };
  });
  const write = (text: string | null): boolean => {
    const { stdin } = child;
    if (!stdin?.writable) return false;
    if (text === null) stdin.end();
    else stdin.write(text);
    return true;
  };
  return { pid, output: () => capture.text(), outcome, write, stop, kill: () => void child.kill("SIGKILL") };
}

/** 0, as if before all others, where no more files can be opened to look: it runs by now, and is to be ended like any other. */
function beganAt(pid: number): number {
  try {
    return linuxProcess(pid)?.began ?? 0;
  } catch {
    return 0;
  }
}

async function leftIn(group: number): Promise<string[]> {
  return (await groupMembers(group)).filter((command) => !isWatcher(command));
}

async function start(request: ChildRequest): Promise<ChildProcess> {
  try {
    // It throws some faults, and tells others later.
    const child = spawn(request.file, request.args, {
      cwd: request.cwd,
      env: request.env,
      stdio: [request.input === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
      ...(request.verbatim ? { windowsVerbatimArguments: true } : {}),
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    // One that reads nothing may be gone by then.
    child.stdin?.on("error", () => {}).write(request.input ?? "");
    if (!request.keepsInput) child.stdin?.end();
    return child;
  } catch (error) {
    throw startFault(error as NodeJS.ErrnoException, request);
  }
}

/** Why a program did not start, in a sentence. */
export function startFault(
  error: NodeJS.ErrnoException,
  { file, cwd }: Pick<ChildRequest, "file" | "cwd">,
  platform: NodeJS.Platform = process.platform,
): AppError {
  if (error.code === "E2BIG" || error.code === "ENAMETOOLONG")
    return new AppError("bad_request", "The command is longer than this system takes; write it to a file and run that");
  // The system says the same of both.
  const isThere = isFolderAt(cwd);
  if (isAppError(isThere)) return isThere;
  if (isThere && platform === "win32" && cwd.length > LONGEST_WINDOWS_FOLDER)
    return new AppError(
      "unavailable",
      `Windows starts no program in a folder whose path is as long as that of ${cwd}; give it a short one, as by: subst X: "FOLDER"`,
      { cause: error },
    );
  const why = isThere ? `${file} could not be started: ${error.message}` : `The folder ${cwd} is not there`;
  return new AppError("not_found", why, { cause: error });
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once("close", () => resolve()));
}
