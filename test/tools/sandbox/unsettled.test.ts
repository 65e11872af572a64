import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { protectState } from "../../../src/rules/protectedState.ts";
import { settleLeft } from "../../../src/tools/sandbox/after/unsettled.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

// A process that runs one command and is killed in the middle of it.
const RUNNER = `
const [state, folder, command] = process.argv.slice(1);
const { protectState } = await import(${JSON.stringify(new URL("../../../src/rules/protectedState.ts", import.meta.url).href)});
const { confine } = await import(${JSON.stringify(new URL("../../../src/tools/sandbox/confine.ts", import.meta.url).href)});
const { findSandbox } = await import(${JSON.stringify(new URL("../../../src/tools/sandbox/findSandbox.ts", import.meta.url).href)});
const { spawn } = await import("node:child_process");
protectState(state, () => []);
const { sandbox } = await findSandbox();
const bounds = { strength: "working", network: { allowed: [], denied: [] }, seen: "", isUnseen: true };
const { program } = await confine({ file: "/bin/sh", args: ["-c", command] }, bounds, { sandbox, workspace: folder, env: process.env });
spawn(program.file, program.args, { cwd: folder, stdio: "ignore" });
setInterval(() => {}, 1000);
`;

test.runIf(sandbox?.endsTree)("what a command made whose gateway was killed is set aside by the next one", async () => {
  const state = tempFolder();
  const scripts = JSON.stringify({ scripts: { test: "vitest" } });
  const folder = tempFolder({ "package.json": scripts });
  const wait = "touch begun; while [ ! -e go ]; do sleep 0.05; done";
  const evil = `${wait}; n=vscode; mkdir .$n; echo '{"scripts":{"test":"evil"}}' > package.json; touch made; sleep 60`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", RUNNER, state, folder, evil], {
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
  // It would do so itself at once.
  child.kill("SIGSTOP");
  writeFileSync(join(folder, "go"), "");
  await expect.poll(() => existsSync(join(folder, "made"))).toBe(true);
  protectState(state, () => []);
  // As long as it lives it is for it alone.
  expect(await settleLeft()).toBe("");
  expect(existsSync(join(folder, ".vscode"))).toBe(true);
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  expect(await runCommand(folder, "ls .vscode 2>&1; echo hi")).toMatch(
    /hi\n\[Of a command that its gateway's end cut off:\]\n\[It made \.vscode, which decides.*\]\n\[It changed the scripts of package\.json/,
  );
  expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toEqual(JSON.parse(scripts));
  expect(readdirSync(join(state, "unsettled"))).toEqual([]);
});
