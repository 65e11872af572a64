import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { isFolderAt } from "../../base/files/entryAt.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { findProgram } from "../../base/findProgram.ts";
import type { OwnHooks } from "../../config/schema/ownHookSchema.ts";
import { childEnv } from "../../processes/childEnv.ts";
import { startChild } from "../../tools/shell/child.ts";
import { programCall, type ShellCall, shellCall } from "../../tools/shell/shellCall.ts";

/** What came of a hook, before it is known what that means. */
export interface HookSaid {
  /** What it wrote to its standard output, or answered. */
  text: string;
  /** What it denied with: exit code 2 and what it wrote to its standard error. */
  denied?: string;
  fault?: string;
  /** Why not all of it is there. */
  cut?: string;
}

type Command = Pick<OwnHooks["runFinished"][number], "env"> & { command: string | string[] };

const MOST_TEXT = 100_000;
// The exit code by which hooks of other agents deny.
const DENIES = 2;

/** Starts a hook's program in the session's folder with JSON on its standard input, and ends it with all it started when its time is over. */
export async function runHookCommand(
  { command, env }: Command,
  { moment, folder, body }: { moment: string; folder: string; body: unknown },
  workspaces: string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HookSaid> {
  const cwd = isFolderAt(folder) === true ? folder : homeFolder();
  const said = { stdout: "", stderr: "" };
  let isWhole = true;
  const child = await startChild({
    ...toCall(command, workspaces),
    cwd,
    env: { ...childEnv(folder), PINCER_HOOK: moment, ...env },
    input: `${JSON.stringify(body)}\n`,
    signal,
    timeoutMs,
    onOutput(text, from) {
      if (from === "stdout" && said.stdout.length + text.length > MOST_TEXT) isWhole = false;
      said[from] = headOf(said[from] + text, MOST_TEXT);
    },
  });
  const { exitCode, endedBy, timedOut } = await child.outcome;
  const { stdout, stderr } = said;
  if (signal.aborted) return { text: stdout, fault: "It was stopped" };
  if (timedOut) return { text: stdout, fault: `It took longer than ${timeoutMs / 1000} s` };
  if (exitCode === 0)
    return isWhole ? { text: stdout } : { text: stdout, cut: `It said more than ${MOST_TEXT} characters` };
  const words = (stderr.trim() || stdout.trim()).slice(-1000);
  const fault = `${exitCode === null ? `It was ended by ${endedBy}` : `Its exit code is ${exitCode}`}${words === "" ? "" : `: ${words}`}`;
  return exitCode === DENIES
    ? { text: stdout, fault, denied: stderr.trim() || deniedIn(stdout) }
    : { text: stdout, fault };
}

/** A reason that was written where a decision is. */
function deniedIn(stdout: string): string {
  try {
    const { reason } = JSON.parse(stdout) as { reason?: unknown };
    return typeof reason === "string" ? reason : stdout.trim();
  } catch {
    return stdout.trim();
  }
}

function toCall(command: string | string[], workspaces: string[]): ShellCall {
  if (typeof command === "string") return shellCall(command);
  const [name = "", ...args] = command;
  const file = findProgram([name], workspaces);
  if (file === undefined) throw new AppError("not_found", `There is no program ${name} outside of the workspace`);
  return programCall(file, args);
}
