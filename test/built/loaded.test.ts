import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

// Counted, not timed: what a start loads is the same on every machine.

const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));

// Says at the end which of the built files were loaded.
const WITNESS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on("exit", () => process.stdout.write(JSON.stringify(loaded.filter((url) => url.includes("/dist/")))));
`)}`;

function filesLoadedBy(...args: string[]): string[] {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-built-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const env = { PATH: process.env["PATH"], PINCER_HOME: stateDir };
  const said = execFileSync(process.execPath, ["--import", WITNESS, cli, ...args], { env, encoding: "utf8" });
  return (JSON.parse(said.slice(said.lastIndexOf("["))) as string[]).map((url) => url.slice(url.lastIndexOf("/") + 1));
}

test("a command loads its own verb, and neither the others nor the agent", () => {
  const files = filesLoadedBy("token", "--help");
  expect(files.filter((name) => name.includes("Verb"))).toEqual([expect.stringMatching(/^tokenVerb-/)]);
  expect(files).not.toContain("app.mjs");
});
