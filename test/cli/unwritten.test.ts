import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** A device that takes nothing, as a disk that is full. */
const FULL = "/dev/full";

const linuxTest = test.skipIf(process.platform !== "linux");

/** Runs the command line where nothing takes what it says. */
function startUnwritten(args: string[], output: "pipe" | "full") {
  const home = mkdtempSync(join(tmpdir(), "pincer-unwritten-"));
  const file = openSync(FULL, "w");
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env["PATH"], HOME: home, PINCER_HOME: home },
    stdio: ["ignore", output === "full" ? file : "pipe", "pipe"],
  });
  closeSync(file);
  child.stdout?.destroy();
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code]) => ({ code: code as number, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(home, { recursive: true });
  });
  const said = async (pattern: RegExp) => {
    while (!pattern.test(stderr)) await once(child.stderr!, "data");
    return pattern.exec(stderr)!;
  };
  return { child, ended, said };
}

linuxTest.each(["pipe", "full"] as const)("a gateway serves though nothing takes its line: %s", async (output) => {
  const { child, ended, said } = startUnwritten(["gateway", "--port", "0"], output);
  const [, url] = await said(/listens on (\S+)\n/);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, stderr: expect.stringContaining("Stopping reason=SIGTERM") });
});

linuxTest("what cannot be written is told, and fails", async () => {
  expect(await startUnwritten(["--help"], "full").ended).toEqual({
    code: 1,
    stderr: "pincer: what there is to say could not be written: ENOSPC: no space left on device, write\n",
  });
});

linuxTest("a reader that leaves early is no failure", async () => {
  expect(await startUnwritten(["--help"], "pipe").ended).toEqual({ code: 0, stderr: "" });
});
