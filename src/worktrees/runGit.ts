import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { AppError } from "../base/appError.ts";
import { findProgram } from "../base/findProgram.ts";

export interface GitOptions {
  /** Of the repository; no program in it counts. */
  cwd: string;
  env?: Record<string, string>;
  /** What it reads, for what it takes from there. */
  input?: string;
  /** Absolute path of git; what is on the PATH where it is not there. */
  program?: string | undefined;
  /** Of git, for this call alone. */
  settings?: Record<string, string>;
  /** It may talk to remotes: to push, or for what a clone of the user's own has left there. */
  mayConnect?: boolean;
}

// Git would start what a repository names for its remotes, to fetch what it does not have: any may lie in a worktree.
const ALONE = { GIT_ALLOW_PROTOCOL: "none", GIT_NO_LAZY_FETCH: "1" };

const TIMEOUT_MS = 300_000;
const MOST_OUTPUT = 256 * 1024 * 1024;

// Nothing that a repository brings along runs, and nobody else's index is refreshed.
const SAFE = [
  ...[
    "-c",
    `core.hooksPath=${devNull}`,
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    // What a sub-agent wrote is committed with the line ends that it has.
    "core.safecrlf=false",
    "-c",
    "protocol.ext.allow=never",
    "-c",
    // A worktree lies deeper than its repository, and Windows' git stops at 260 characters by itself.
    "core.longpaths=true",
  ],
  // What is read by a program is written the same, whatever people like to see.
  ...["-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "-c", `diff.orderFile=${devNull}`],
  ...["-c", "diff.srcPrefix=a/", "-c", "diff.dstPrefix=b/", "-c", "diff.context=3", "-c", "diff.interHunkContext=0"],
  "--no-optional-locks",
];

/** What git printed, as text; the first argument is what git is to do. */
export async function runGit(args: string[], options: GitOptions): Promise<string> {
  return (await gitBytes(args, options)).toString("utf8");
}

/** What git printed. Rejects with `conflict` and git's own words when it fails, `unavailable` when there is no git. */
export async function gitBytes(args: string[], options: GitOptions): Promise<Buffer> {
  const { cwd, program, env = {}, input, settings = {}, mayConnect = false } = options;
  const git = findProgram([...(program ? [program] : []), "git"], [cwd]);
  if (git === undefined) throw new AppError("unavailable", "There is no git on this machine");
  return new Promise((resolve, reject) => {
    const child = execFile(
      git,
      [...SAFE, ...args],
      {
        cwd,
        env: { ...ownEnv(), ...(mayConnect ? {} : ALONE), ...toEnv(settings), ...env },
        timeout: TIMEOUT_MS,
        maxBuffer: MOST_OUTPUT,
        windowsHide: true,
        encoding: "buffer",
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const said = (stderr.toString().trim() || stdout.toString().trim() || error.message)
          .split("\n")
          .slice(0, 12)
          .join("\n");
        reject(new AppError("conflict", `git ${args[0]}: ${said}`, { cause: error }));
      },
    );
    // One that ends before it has read all says why by itself.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** The code that git ended with; undefined where it was ended, or is another's error. */
export function exitCode(error: unknown): number | undefined {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
}

/** In the environment: behind "-c" a key ends at its first "=", which names of branches and remotes may have. */
function toEnv(settings: Record<string, string>): Record<string, string> {
  const rows = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(rows.length / 2), ...Object.fromEntries(rows) };
}

/** Without what would point git elsewhere; how Git LFS is to behave is the user's. */
function ownEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^GIT_(?!LFS_)/i.test(entry[0]),
  );
  // On Windows git would start what lies in the folder that it works in, before what is on the PATH.
  const plain = { NoDefaultCurrentDirectoryInExePath: "1" };
  return { ...Object.fromEntries(kept), ...plain, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}
