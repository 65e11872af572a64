import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { bubblewrap, NO_NAMESPACES_WITHIN, trial } from "./bubblewrap.ts";
import { callFilterFile } from "./callFilter.ts";
import type { FoundSandbox } from "./sandbox.ts";
import { sandboxExec, trialProfile } from "./sandboxExec.ts";

let found: Promise<FoundSandbox> | undefined;

/** The sandbox of this system, tried out once: a program that is there may still not be let do its work. */
export function findSandbox(): Promise<FoundSandbox> {
  return (found ??= find());
}

async function find(): Promise<FoundSandbox> {
  if (process.platform === "linux") return await findBubblewrap();
  if (process.platform === "darwin") return await findSandboxExec();
  return { reason: "this system has none that Pincer knows" };
}

async function findBubblewrap(): Promise<FoundSandbox> {
  // Fixed places: whoever could put a program on the path would choose the sandbox.
  const file = await firstProgram(["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap"]);
  if (!file) return { reason: "bubblewrap is not installed (Debian and Ubuntu: apt install bubblewrap)" };
  const filter = callFilterFile();
  let complaint: string | undefined;
  // Older ones, and some kernels, know only some of it.
  for (const extras of [{ args: NO_NAMESPACES_WITHIN, filter }, { filter }, { args: NO_NAMESPACES_WITHIN }, {}]) {
    const { file: first, args } = trial(file, extras);
    complaint = await complaintOf(first, args);
    if (complaint === undefined) return { sandbox: bubblewrap(file, extras) };
  }
  return { reason: `${file} may not make namespaces here: ${complaint}` };
}

async function findSandboxExec(): Promise<FoundSandbox> {
  const file = await firstProgram(["/usr/bin/sandbox-exec"]);
  if (!file) return { reason: "there is no /usr/bin/sandbox-exec" };
  const complaint = await complaintOf(file, ["-p", trialProfile, "/usr/bin/true"]);
  return complaint === undefined ? { sandbox: sandboxExec(file) } : { reason: `${file} does not work: ${complaint}` };
}

async function firstProgram(files: string[]): Promise<string | undefined> {
  for (const file of files) {
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

/** What a program said when it failed; undefined when it did not. */
function complaintOf(file: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 5000, env: {}, windowsHide: true }, (error, _, stderr) =>
      resolve(error ? stderr.trim().split("\n")[0] || error.message : undefined),
    );
  });
}
