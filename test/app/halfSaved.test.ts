import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { posixTest } from "../posix.ts";
import { openConfiguration } from "../../src/app/settings/configuration.ts";
import { sinceChange } from "../../src/app/settings/untilSaved.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
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

test.each([
  ["is emptied", (path: string) => writeFileSync(path, "")],
  ["is gone", (path: string) => rmSync(path)],
  ["breaks", (path: string) => writeFileSync(path, "agent: [")],
])("where the user's file %s, what it said stays in force, whatever folders come meanwhile", async (how, lose) => {
  const bench = createAppBench();
  bench.configure(WHOLE);
  const path = join(bench.stateDir, "openclaw.yml");
  const more = join(bench.stateDir, "more");
  mkdirSync(more);
  writeFileSync(join(more, "openclaw.yml"), "agent: { rules: [{ deny: edit }] }");
  const folders = [bench.workspace];
  let changed = () => {};
  const onDidChangeWorkspaces = (listener: () => void) => ((changed = listener), { dispose() {} });
  const host = bench.host({ workspaces: () => folders, onDidChangeWorkspaces });
  const configuration = await openConfiguration(host, undefined);
  configuration.refuseGone();
  lose(path);
  folders.push(more);
  changed();
  configuration.reload();
  expect(configuration.current().agent).toMatchObject({ maxSteps: 7, rules: [{ deny: "exec" }, { deny: "edit" }] });
  expect(configuration.declared().map(({ file }) => file)).toContain(path);
  expect(configuration.problems().filter((problem) => problem.severity === "error")).toHaveLength(1);
  // Into one that breaks nothing can be written anyway.
  if (how !== "breaks") expect(() => configuration.refuseGone()).toThrow("Nothing is written into it");
  writeFileSync(join(more, "openclaw.yml"), "agent: [");
  configuration.reload();
  expect(configuration.current().agent.rules).toEqual([{ deny: "exec" }, { deny: "edit" }]);
  configuration.dispose();
});

posixTest("what was agreed to and cannot be kept holds all the same until the end, and that is told", async () => {
  const bench = createAppBench();
  bench.configure(WHOLE);
  const kept = join(bench.stateDir, "confirmed.json");
  writeFileSync(kept, "[]");
  chmodSync(kept, 0o644);
  writeFileSync(join(bench.workspace, "openclaw.yml"), "agent: { maxSteps: 9 }");
  const asked: string[] = [];
  const host = bench.host({
    workspaces: () => [bench.workspace],
    confirm: async ({ file }: { file: string }) => (asked.push(file), true),
  });
  const configuration = await openConfiguration(host, undefined);
  await expect.poll(() => configuration.current().agent.maxSteps).toBe(9);
  await expect
    .poll(() => configuration.problems().map(({ message }) => message))
    .toEqual([expect.stringContaining("holds until Pincer ends, and is asked again then")]);
  expect(asked).toEqual([join(bench.workspace, "openclaw.yml")]);
  configuration.dispose();
});

test.each(["openclaw.yml", "openclaw.yaml"])(
  "the first folder's %s counts in full once it is there, and the next one's again when it is gone",
  async (name) => {
    const bench = createAppBench();
    bench.configure(WHOLE);
    const folders = ["first", "second"].map((folder) => join(bench.stateDir, folder));
    for (const folder of folders) mkdirSync(folder);
    const [first, second] = [join(folders[0]!, name), join(folders[1]!, "openclaw.yml")];
    writeFileSync(second, "agent: { instructions: second, rules: [{ deny: edit }] }\n");
    const configuration = await openConfiguration(bench.host({ workspaces: () => folders }), undefined);
    const said = () => configuration.current().agent.instructions;
    expect(said()).toBe("second");
    writeFileSync(first, "agent: { instructions: first }\n");
    await expect.poll(said).toBe("first");
    expect(configuration.current().agent.rules).toEqual([{ deny: "exec" }, { deny: "edit" }]);
    expect(configuration.problems()).toMatchObject([{ severity: "warning", file: second }]);
    rmSync(first);
    await expect.poll(said).toBe("second");
    configuration.dispose();
  },
);

test("a folder's openclaw.yml that comes later goes before its openclaw.yaml", async () => {
  const bench = createAppBench();
  bench.configure(WHOLE);
  writeFileSync(join(bench.workspace, "openclaw.yaml"), "agent: { instructions: yaml }\n");
  const configuration = await openConfiguration(bench.host({ workspaces: () => [bench.workspace] }), undefined);
  const said = () => configuration.current().agent.instructions;
  expect(said()).toBe("yaml");
  writeFileSync(join(bench.workspace, "openclaw.yml"), "agent: { instructions: yml }\n");
  await expect.poll(said).toBe("yml");
  configuration.dispose();
});

test("what writes into the user's file is told by whoever leads and whoever works beside it that it is gone, or half there", async () => {
  const bench = createAppBench();
  bench.configure(`${WHOLE}model: offline/demo\n`);
  const apps = [
    await bench.open(),
    await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [] }) }),
  ];
  for (const app of apps) app.refuseGone();
  rmSync(join(bench.stateDir, "openclaw.yml"));
  for (const app of apps) expect(() => app.refuseGone()).toThrow("is gone");
  bench.configure(WHOLE);
  for (const app of apps) expect(() => app.refuseGone()).toThrow("half saved");
  // So is what would take a rule out of the half that is there.
  const client = createRouteClient(await apps[0]!.connect("panel"));
  await expect(client.call("rules.remove", { rule: { deny: "exec" } })).rejects.toMatchObject({ code: "conflict" });
});

test("where a user's openclaw.yaml is gone, what it said stays in force, whatever folders come meanwhile", async () => {
  const bench = createAppBench();
  const path = join(bench.stateDir, "openclaw.yaml");
  writeFileSync(path, WHOLE);
  let changed = () => {};
  const onDidChangeWorkspaces = (listener: () => void) => ((changed = listener), { dispose() {} });
  const configuration = await openConfiguration(bench.host({ onDidChangeWorkspaces }), undefined);
  rmSync(path);
  changed();
  expect(configuration.current().agent.rules).toEqual([{ deny: "exec" }]);
  expect(configuration.problems()).toMatchObject([{ file: path, severity: "error" }]);
  configuration.dispose();
});
