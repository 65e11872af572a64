import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { judgeNode } from "../../src/cli/doctor/nodeCheck.ts";
import { isTooOld, mendedNode } from "../../src/cli/terminal/nodeVersion.ts";

test.each([
  ["20.19.0", true, "22.23.0"],
  ["v22.12.9", true, "22.23.0"],
  ["22.13.0", false, "22.23.0"],
  ["22.23.0", false, undefined],
  ["v24.9.0", false, "24.17.0"],
  ["24.21.0", false, undefined],
  ["25.9.0", false, "26.3.1"],
  ["26.3.0", false, "26.3.1"],
  ["27.0.0-nightly", false, undefined],
])("Node %s: too old %s, better %s", (version, tooOld, better) => {
  expect(isTooOld(version)).toBe(tooOld);
  expect(mendedNode(version)).toBe(better);
});

test("the doctor names one with known faults, and what to do", () => {
  expect(judgeNode("v24.9.0")).toEqual({
    level: "warning",
    text: "v24.9.0 has known security faults, in TLS among others",
    fix: "Install Node.js 24.17.0 or newer; where it is pinned (package.json, .nvmrc, an image), raise the pin",
  });
  expect(judgeNode("v24.21.0")).toEqual({ level: "ok", text: "v24.21.0" });
});

test("an older Node gets a sentence, from every verb but the doctor", async () => {
  const poses = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})`;
  const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
  const run = (verb: string) => promisify(execFile)(process.execPath, ["--import", poses, cli, verb, "--help"]);
  await expect(run("gateway")).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: `pincer: Node.js 22.13.0 or newer is needed, and this is 20.19.0 (${process.execPath}); get one from https://nodejs.org\n`,
  });
  expect((await run("doctor")).stdout).toContain("Usage: pincer doctor");
});
