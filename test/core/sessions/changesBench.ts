import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { Files } from "../../../src/core/ports/files.ts";
import type { SandboxMode } from "../../../src/core/ports/settings.ts";
import { openCheckpoints } from "../../../src/store/checkpoints/openCheckpoints.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { write } from "../../../src/tools/writeTool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { openBench } from "../bench.ts";

/** As somebody else would, in a folder of the test's. */
export function git(folder: string, ...args: string[]): void {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"];
  execFileSync("git", [...who, ...args], { cwd: folder, stdio: "pipe" });
}

/** A turn with one command that may change files. */
export const run = (command: string, more: Record<string, unknown> = {}): Turn => [
  call("exec", { command, access: "write", ...more }, "x"),
];

/** The agent in a folder, after one message on which it did these turns; what changed, and the way back. */
export async function openChanges(
  folder: string,
  turns: Turn[],
  sandbox: SandboxMode = "off",
  files: Files = createDiskFiles(),
) {
  const bounds = () => ({ days: 14, megabytes: 500 });
  const bench = await openBench({
    folder,
    turns: [...turns, ["done"]],
    tools: [exec, write],
    files,
    checkpoints: openCheckpoints({ folder: tempFolder(), bounds, clock: systemClock, log: silentLog }),
    settings: { approvals: "auto", sandbox },
  });
  const sent = await bench.core.sessions.send({ text: "go", origin: { via: "api" }, sessionKey: "main" });
  const { type } = await sent.outcome;
  expect(type).toBe("done");
  const place = (path: string) => join(folder, path);
  const list = async () => (await bench.core.checkpoints.list("main"))[0]!;
  return {
    ...bench,
    sent,
    place,
    list,
    text: (path: string) => (existsSync(place(path)) ? readFileSync(place(path), "utf8") : null),
    goBack: async (how: { force?: boolean; dryRun?: boolean } = {}) =>
      await bench.core.checkpoints.restore({
        sessionKey: "main",
        to: { beforeSeq: (await list()).beforeSeq },
        ...{ files: true, messages: false, force: false, dryRun: false, ...how },
      }),
  };
}
