import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { openConfirmed } from "../../../src/app/settings/confirmed.ts";
import { fileLane } from "../../../src/base/files/fileLane.ts";
import { openSecrets } from "../../../src/config/secrets.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "pincer-lane-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("two processes that add to the files of one state folder lose nothing", { timeout: 60_000 }, async () => {
  const state = folder();
  const script = join(import.meta.dirname, "addLines.ts");
  const adders = ["a", "b"].map((name) =>
    spawn(process.execPath, [script, state, name, "20"], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  onTestFinished(() => adders.forEach((adder) => adder.kill("SIGKILL")));
  await Promise.all(adders.map((adder) => once(adder.stdout, "data")));
  const ended = adders.map((adder) => once(adder, "exit"));
  for (const adder of adders) adder.stdin.write("go\n");
  expect(await Promise.all(ended)).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(openSecrets(state).names()).toHaveLength(80);
  expect(openConfirmed(state).hashes().size).toBe(40);
  const { agent } = parse(readFileSync(join(state, "openclaw.yml"), "utf8")) as { agent: { rules: unknown[] } };
  expect(agent.rules).toHaveLength(40);
  expect(readdirSync(state).toSorted()).toEqual(["confirmed.json", "openclaw.yml", "secrets.json"]);
});

test("whoever was killed in the middle holds nobody up for long, and whoever still works is not passed", async () => {
  const file = join(folder(), "a.json");
  const lock = `${file}.lock`;
  // Older than anything takes.
  writeFileSync(lock, "");
  utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  expect(await fileLane(file, () => "done")).toBe("done");
  expect(existsSync(lock)).toBe(false);

  writeFileSync(lock, "");
  await expect(fileLane(file, () => "done", { ms: 200 })).rejects.toMatchObject({
    code: "unavailable",
    message: `${file} was being changed by another process for 0.2 s; if none is, remove ${lock}`,
  });
  const waiting = fileLane(file, () => "done");
  rmSync(lock);
  expect(await waiting).toBe("done");
});

test("whoever was stopped for longer than its lock counts takes away no other's", async () => {
  const file = join(folder(), "a.json");
  const lock = `${file}.lock`;
  const [slept, worked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [within, besides] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stopped = fileLane(file, () => (within.resolve(), slept.promise));
  await within.promise;
  utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  const second = fileLane(file, () => (besides.resolve(), worked.promise));
  await besides.promise;
  slept.resolve();
  await stopped;
  expect(existsSync(lock)).toBe(true);
  await expect(fileLane(file, () => "done", { ms: 100 })).rejects.toMatchObject({ code: "unavailable" });
  worked.resolve();
  await second;
  expect(existsSync(lock)).toBe(false);
});

test("what fails lets the next one in", async () => {
  const file = join(folder(), "a.json");
  await expect(fileLane(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await fileLane(file, () => "done")).toBe("done");
});
