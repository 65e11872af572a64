import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { childOf, runningIn } from "../../../src/tools/sandbox/processWatch.ts";

test.runIf(process.platform === "linux")(
  "a first process that has started nothing yet has none, whatever it sees",
  async () => {
    const parent = spawn("/bin/sh", ["-c", "sleep 60; true"], { stdio: "ignore", detached: true });
    onTestFinished(() => void process.kill(-parent.pid!, "SIGKILL"));
    await once(parent, "spawn");
    await expect.poll(() => childOf(parent.pid!)).toBeDefined();
    expect(runningIn(parent.pid!)).toBe(0);
  },
);
