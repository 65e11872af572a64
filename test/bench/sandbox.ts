import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { confine } from "../../src/tools/sandbox/confine.ts";
import { findSandbox } from "../../src/tools/sandbox/findSandbox.ts";
import { childEnv } from "../../src/processes/childEnv.ts";
import { shellCall } from "../../src/tools/shell/shellCall.ts";
import { systemShell } from "../../src/processes/systemShell.ts";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

const TIMES = 50;

/** What the sandbox adds to a command that does nothing. */
export async function sandbox(): Promise<Figure[]> {
  const found = await findSandbox();
  if (!found.sandbox) return [];
  const workspace = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const env = childEnv(workspace);
  // Nothing on the standard input, as commands have it: where it is a socket bash takes itself for a remote shell, and reads ~/.bashrc.
  const run = (file: string, args: string[]) =>
    new Promise<unknown>((resolve) =>
      spawn(file, args, { cwd: workspace, env, stdio: ["ignore", "pipe", "pipe"] }).once("close", resolve),
    );
  const bare: number[] = [];
  const added: number[] = [];
  for (let count = 0; count < TIMES; count += 1) {
    let from = performance.now();
    await run(systemShell.file, ["-c", "true"]);
    bare.push(performance.now() - from);
    from = performance.now();
    const { program } = await confine(
      shellCall("true", found.sandbox),
      { strength: "reading" },
      { sandbox: found.sandbox, workspace, env },
    );
    await run(program.file, program.args);
    added.push(performance.now() - from - bare.at(-1)!);
  }
  rmSync(workspace, { recursive: true });
  return [
    { name: "shell that does nothing, alone, p50", value: median(bare), unit: "ms" },
    { name: "the same in the reading sandbox, more by, p50", value: median(added), unit: "ms", aim: 15 },
    { name: "the least of them", value: Math.min(...added), unit: "ms" },
  ];
}
