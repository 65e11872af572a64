import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConfiguration } from "../../src/app/settings/configuration.ts";
import { sinceChange } from "../../src/app/settings/untilSaved.ts";
import { createAppBench } from "./bench.ts";

const WHOLE = "agent:\n  maxSteps: 7\n  rules:\n    - { deny: exec }\n";

test.each([
  ["is empty", ""],
  ["says nothing yet", "# My gateway\n"],
  ["ends within a line", WHOLE.slice(0, 12)],
  ["ends at a key", "agent:\n"],
  ["ends ahead of what is denied", WHOLE.slice(0, WHOLE.indexOf("  rules"))],
])("a file that %s when it is read for the first time is read again once it is whole", async (_, half) => {
  const bench = createAppBench();
  bench.configure(half);
  const opening = openConfiguration(bench.host(), undefined);
  bench.configure(WHOLE);
  const configuration = await opening;
  expect(configuration.current().agent).toMatchObject({ maxSteps: 7, rules: [{ deny: "exec" }] });
  expect(configuration.problems()).toEqual([]);
  expect(readFileSync(join(bench.stateDir, "openclaw.yml"), "utf8")).toBe(WHOLE);
  configuration.dispose();
});

test("one that stays as it is is taken for what it says, or refused by its place", async () => {
  const bench = createAppBench();
  bench.configure("");
  const configuration = await openConfiguration(bench.host(), undefined);
  expect(configuration.current().agent.maxSteps).toBeGreaterThan(7);
  configuration.dispose();
  bench.configure("agent:\n  maxSt");
  await expect(openConfiguration(bench.host(), undefined)).rejects.toThrow(/openclaw\.yml:1:1: error: agent/);
});

test("one that is said to be of tomorrow is left alone for as long as it is, and holds up no start", async () => {
  const bench = createAppBench();
  bench.configure(WHOLE);
  const path = join(bench.stateDir, "openclaw.yml");
  utimesSync(path, new Date(), new Date(Date.now() + 86_400_000));
  await expect.poll(() => sinceChange(path)).toBeGreaterThan(0);
});
