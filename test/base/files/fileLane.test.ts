import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { openConfirmed } from "../../../src/app/settings/confirmed.ts";
import { silentLog } from "../../../src/base/log.ts";
import { fileLane } from "../../../src/base/files/fileLane.ts";
import { replaceFile } from "../../../src/base/files/replaceFile.ts";
import { pidSpace } from "../../../src/base/pidSpace.ts";
import { openSecrets } from "../../../src/config/secrets.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "pincer-lane-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("two processes that add to the files of one state folder lose nothing", async () => {
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
  expect(openConfirmed(state, silentLog).hashes().size).toBe(40);
  const { agent } = parse(readFileSync(join(state, "openclaw.yml"), "utf8")) as { agent: { rules: unknown[] } };
  expect(agent.rules).toHaveLength(40);
  expect(readdirSync(state).toSorted()).toEqual(["confirmed.json", "openclaw.yml", "secrets.json"]);
});

test("whoever was killed in the middle holds nobody up, and whoever still works is not passed", async () => {
  const file = join(folder(), "a.json");
  const lock = `${file}.lock`;
  const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(lock, `abc ${gone} ${pidSpace()}`);
  // However long it would be looked at otherwise.
  expect(await fileLane(file, () => "done", { ms: 600_000, staleMs: Infinity })).toBe("done");
  expect(existsSync(lock)).toBe(false);

  // Of another machine, on a shared disk: nobody here knows whether it runs, and its time of day says nothing.
  writeFileSync(lock, `abc ${gone} another machine`);
  utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  await expect(fileLane(file, () => "done", { ms: 200 })).rejects.toMatchObject({
    code: "unavailable",
    message: `${file} was being changed by another process for 0.2 s; if none is, remove ${lock}`,
  });
  expect(await fileLane(file, () => "done", { staleMs: 100 })).toBe("done");
  expect(existsSync(lock)).toBe(false);
});

test("whoever slept through its time writes over nobody, takes away no other's lock, and begins again", async () => {
  const file = join(folder(), "a.json");
  const lock = `${file}.lock`;
  writeFileSync(file, "");
  const add = (line: string, pause?: () => Promise<void>, more = {}) =>
    fileLane(
      file,
      async (fence) => {
        const text = `${readFileSync(file, "utf8")}${line}\n`;
        await pause?.();
        await replaceFile(file, text, 0o600, { fence });
      },
      more,
    );
  const [slept, within] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [worked, besides] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const sleeper = add("of the one that slept", () => (within.resolve(), slept.promise));
  await within.promise;
  const other = add("of the other", () => (besides.resolve(), worked.promise), { staleMs: 50 });
  await besides.promise;
  slept.resolve();
  // It may not have the lane while the other works in it.
  await expect(fileLane(file, () => "done", { ms: 100 })).rejects.toMatchObject({ code: "unavailable" });
  expect([readFileSync(file, "utf8"), existsSync(lock)]).toEqual(["", true]);
  worked.resolve();
  await Promise.all([other, sleeper]);
  expect(readFileSync(file, "utf8")).toBe("of the other\nof the one that slept\n");
  expect(readdirSync(join(file, ".."))).toEqual(["a.json"]);
});

test("what fails lets the next one in", async () => {
  const file = join(folder(), "a.json");
  await expect(fileLane(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await fileLane(file, () => "done")).toBe("done");
});
