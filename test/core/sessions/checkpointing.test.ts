import { createHook } from "node:async_hooks";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openCheckpoints } from "../../../src/store/checkpoints/openCheckpoints.ts";
import type { Checkpoints } from "../../../src/core/ports/checkpoints.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { applyPatch } from "../../../src/tools/applyPatchTool.ts";
import { edit } from "../../../src/tools/editTool.ts";
import { write } from "../../../src/tools/writeTool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { posixTest } from "../../posix.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { type BenchOptions, openBench } from "../bench.ts";

const origin = { via: "api" } as const;

async function open(given: Record<string, string | Uint8Array>, turns: Turn[], options: BenchOptions = {}) {
  const folder = tempFolder(given);
  const kept = tempFolder();
  const bounds = () => ({ days: 14, megabytes: 500 });
  const again = () => openCheckpoints({ folder: kept, bounds, clock: systemClock, log: silentLog });
  const bench = await openBench({
    folder,
    turns,
    tools: [write, edit, applyPatch],
    files: createDiskFiles(),
    checkpoints: again(),
    ...options,
    settings: { approvals: "auto", ...options.settings },
  });
  const place = (path: string) => join(folder, path);
  return {
    ...bench,
    kept,
    place,
    text: (path: string) => (existsSync(place(path)) ? readFileSync(place(path), "utf8") : null),
    send: async (text: string) => {
      const run = await bench.core.sessions.send({ text, origin, sessionKey: "main" });
      await run.outcome;
      return run;
    },
    /** Back to before the n-th message that a person wrote. */
    async goBack(nth: number, how: { force?: boolean; dryRun?: boolean; messages?: boolean } = {}) {
      const { messages } = await bench.core.sessions.history("main", { limit: 100, includeTools: false });
      const { seq: beforeSeq } = messages.filter(({ role }) => role === "user").at(nth)!;
      const given = { force: false, dryRun: false, messages: false, ...how };
      return await bench.core.checkpoints.restore({ sessionKey: "main", to: { beforeSeq }, files: true, ...given });
    },
    undo: (id: string) =>
      bench.core.checkpoints.restore({
        sessionKey: "main",
        to: { undo: id },
        ...{ files: true, messages: false, force: false, dryRun: false },
      }),
  };
}

const put = (path: string, content: string, id = path): Turn => [call("write", { path, content }, id)];
const deletion = "*** Begin Patch\n*** Delete File: gone.txt\n*** End Patch";

test("files are put back as they were: changed, made and deleted ones, with their bytes and modes", async () => {
  const latin = Buffer.from("caf\xe9\r\n", "latin1");
  const { send, goBack, text, place, undo } = await open(
    { "a.txt": "one\n", "gone.txt": "here\n", "latin.txt": latin },
    [
      put("a.txt", "two\n"),
      put("deep/new.txt", "new\n"),
      [call("apply_patch", { patch: deletion }, "p")],
      [call("edit", { path: "latin.txt", oldText: "café", newText: "tee" }, "e")],
      ["done"],
    ],
  );
  if (process.platform !== "win32") chmodSync(place("gone.txt"), 0o755);
  await send("change it");
  expect([text("a.txt"), text("deep/new.txt"), text("gone.txt"), text("latin.txt")]).toEqual([
    "two\n",
    "new\n",
    null,
    "tee\r\n",
  ]);
  const done = await goBack(0);
  expect(done.restored.toSorted()).toEqual(["a.txt", "deep/new.txt", "gone.txt", "latin.txt"]);
  expect([done.removed, done.kept]).toEqual([["deep/new.txt"], []]);
  expect([text("a.txt"), text("deep/new.txt"), text("gone.txt")]).toEqual(["one\n", null, "here\n"]);
  expect(readFileSync(place("latin.txt"))).toEqual(latin);
  if (process.platform !== "win32") expect(statSync(place("gone.txt")).mode & 0o777).toBe(0o755);
  // And the way forth again.
  expect((await undo(done.undo!)).removed).toEqual(["gone.txt"]);
  expect([text("a.txt"), text("deep/new.txt"), text("gone.txt"), text("latin.txt")]).toEqual([
    "two\n",
    "new\n",
    null,
    "tee\r\n",
  ]);
});

test("what somebody else has changed since stays, and is named, unless that is wanted", async () => {
  const { send, goBack, text, place } = await open({ "a.txt": "one", "b.txt": "one" }, [
    put("a.txt", "two"),
    put("b.txt", "two"),
    ["done"],
  ]);
  await send("change it");
  writeFileSync(place("a.txt"), "mine");
  expect(await goBack(0, { dryRun: true })).toMatchObject({ restored: ["b.txt"], kept: [{ path: "a.txt" }] });
  expect(text("b.txt")).toBe("two");
  const done = await goBack(0);
  expect(done).toMatchObject({
    restored: ["b.txt"],
    kept: [{ path: "a.txt", why: "somebody else has changed it since" }],
  });
  expect([text("a.txt"), text("b.txt")]).toEqual(["mine", "one"]);
  expect(await goBack(0, { force: true })).toMatchObject({ restored: ["a.txt"], kept: [] });
  expect(text("a.txt")).toBe("one");
});

test("of several runs each message is a point of its own, and going back further takes all later ones along", async () => {
  const { send, goBack, text, core } = await open({ "a.txt": "0" }, [
    put("a.txt", "1"),
    ["done"],
    put("a.txt", "2", "x"),
    ["done"],
    put("b.txt", "3"),
    ["done"],
  ]);
  for (const word of ["one", "two", "three"]) await send(word);
  expect((await core.checkpoints.list("main")).map(({ text: said, files }) => [said, files])).toEqual([
    ["three", [{ path: "b.txt", kind: "added", state: "as_left" }]],
    ["two", [{ path: "a.txt", kind: "changed", state: "as_left" }]],
    ["one", [{ path: "a.txt", kind: "changed", state: "changed_since" }]],
  ]);
  await goBack(1);
  expect([text("a.txt"), text("b.txt")]).toEqual(["1", null]);
  await goBack(0);
  expect(text("a.txt")).toBe("0");
});

test("it is known after a restart, and gone with the session", async () => {
  const first = await open({ "a.txt": "one" }, [put("a.txt", "two"), ["done"]]);
  await first.send("change it");
  const second = await first.restart();
  expect(await second.core.checkpoints.list("main")).toHaveLength(1);
  await second.core.sessions.reset("main");
  expect(await second.core.checkpoints.list("main")).toEqual([]);
  expect(existsSync(join(first.kept, "runs", "main"))).toBe(false);
});

test("with messages it goes on in a fork that ends before, and the session stays", async () => {
  const { send, goBack, core, model } = await open({ "a.txt": "one" }, [["hello"], put("a.txt", "two"), ["done"]]);
  await send("first");
  await send("second");
  const { sessionKey, restored } = await goBack(1, { messages: true });
  expect(restored).toEqual(["a.txt"]);
  await (
    await core.sessions.send({ text: "other", origin, sessionKey: sessionKey! })
  ).outcome;
  expect(model.requests.at(-1)!.messages.map(({ text }) => text)).toEqual(["first", "hello", "other"]);
  expect((await core.sessions.get("main")).messageCount).toBeGreaterThan(4);
});

test("commands are named, because what they changed is not put back", async () => {
  const run = [call("exec", { command: "make all" }, "x")];
  const { send, goBack } = await open({}, [run, ["done"]]);
  await send("build");
  expect(await goBack(0)).toMatchObject({ restored: [], commands: ["make all"] });
});

test("what sub-agents changed in the folder is undone with the run that they worked for", async () => {
  const { core, send, goBack, text } = await open({ "a.txt": "one" }, [["hello"], put("a.txt", "two"), ["done"]]);
  const run = await send("hello");
  await (
    await core.sessions.send({
      text: "sub",
      parentKey: "main",
      origin: { via: "subagent", id: run.id },
      sentBy: { id: run.id, place: {} as never },
    })
  ).outcome;
  expect(text("a.txt")).toBe("two");
  await goBack(0);
  expect(text("a.txt")).toBe("one");
});

describe("results that came late are undone in the order in which they were worked on", () => {
  /** A run has two sub-agents; the first one's result has one more, whose result comes before or after that of the second. */
  async function openLate(before: boolean) {
    const turns: Turn[] = [
      ["hello"],
      ["a"],
      ["b"],
      ["on"],
      ["c"],
      put("a.txt", "1"),
      ["on"],
      put("a.txt", "2", "x"),
      ["on"],
    ];
    const bench = await open({ "a.txt": "0" }, turns);
    const work = async (
      request: Pick<SendRequest, "parentKey" | "sessionKey" | "sentBy" | "continues">,
      id: string,
    ) => {
      const run = await bench.core.sessions.send({ ...request, text: "go on", origin: { via: "subagent", id } });
      await run.outcome;
      return run.id;
    };
    const spawn = (id: string) => work({ parentKey: "main", sentBy: { id, place: {} as never } }, id);
    const goOn = (from: string, continues: string) => work({ sessionKey: "main", continues }, from);
    const { id } = await bench.send("go");
    const [a, b] = [await spawn(id), await spawn(id)];
    const second = await goOn(a, id);
    const c = await spawn(second);
    const late = [() => goOn(c, second), () => goOn(b, id)];
    for (const next of before ? late : late.toReversed()) await next();
    expect(bench.text("a.txt")).toBe("2");
    return { ...bench, id };
  }

  test.each([
    ["all", true, 0],
    ["all from the first result on", false, 1],
  ])("%s", async (_what, before, nth) => {
    const { goBack, text } = await openLate(before);
    expect(await goBack(nth)).toMatchObject({ restored: ["a.txt"], kept: [] });
    expect(text("a.txt")).toBe("0");
  });

  test("one file", async () => {
    const { core, id, text } = await openLate(true);
    expect(await core.checkpoints.revert(id, "a.txt", { force: false })).toMatchObject({ kept: [] });
    expect(text("a.txt")).toBe("0");
  });
});

test("one file alone, by its run", async () => {
  const { core, send, text } = await open({ "a.txt": "one", "b.txt": "one" }, [
    put("a.txt", "two"),
    put("b.txt", "two"),
    ["done"],
  ]);
  const { id } = await send("change");
  expect(await core.checkpoints.changes(id)).toMatchObject([
    { path: "a.txt", kind: "changed", state: "as_left", before: "one", now: "two" },
    { path: "b.txt", kind: "changed", state: "as_left", before: "one", now: "two" },
  ]);
  await core.checkpoints.revert(id, "b.txt", { force: false });
  expect([text("a.txt"), text("b.txt")]).toEqual(["two", "one"]);
  await expect(core.checkpoints.revert(id, "c.txt", { force: false })).rejects.toMatchObject({ code: "not_found" });
});

/** How many files are opened meanwhile. */
async function opens(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const init = (_id: number, type: string) => void (count += type === "FILEHANDLE" ? 1 : 0);
  const hook = createHook({ init }).enable();
  await work().finally(() => hook.disable());
  return count;
}

test("to look at what a run changed opens each file a few times, however many there are; one alone opens no other", async () => {
  const names = Array.from({ length: 40 }, (_, at) => `${at}.txt`);
  const calls = names.flatMap((name) => put(name, "two") as Extract<Turn, unknown[]>);
  const { core, send } = await open(Object.fromEntries(names.map((name) => [name, "one"])), [calls, ["done"]]);
  const { id } = await send("change");
  expect(await opens(() => core.checkpoints.changes(id))).toBeLessThan(10 * names.length);
  expect(await opens(() => core.checkpoints.changes(id, { path: "7.txt" }))).toBeLessThan(names.length / 2);
  expect(await core.checkpoints.changes(id, { path: "7.txt" })).toMatchObject([
    { path: "7.txt", before: "one", now: "two" },
  ]);
});

test("a session at work is not pulled away under its run", async () => {
  const go = Promise.withResolvers<void>();
  const { core, goBack, send } = await open({ "a.txt": "one" }, [["hello"], [{ wait: go.promise }, "late"]]);
  await send("first");
  const run = await core.sessions.send({ text: "second", origin, sessionKey: "main" });
  await expect(goBack(0)).rejects.toMatchObject({ code: "conflict" });
  go.resolve();
  await run.outcome;
});

test.each(["all", "one file"])("no run begins while files are put back: %s", async (what) => {
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const real = openCheckpoints({
    folder: tempFolder(),
    bounds: () => ({ days: 14, megabytes: 500 }),
    clock: systemClock,
    log: silentLog,
  });
  const checkpoints: Checkpoints = {
    ...real,
    async restore(...given) {
      begun.resolve();
      await go.promise;
      return await real.restore(...given);
    },
  };
  const turns: Turn[] = [put("a.txt", "two"), ["done"], put("a.txt", "three", "x"), ["done"]];
  const { core, goBack, send, text } = await open({ "a.txt": "one" }, turns, { checkpoints });
  const { id } = await send("first");
  const back = what === "all" ? goBack(0) : core.checkpoints.revert(id, "a.txt", { force: false });
  await begun.promise;
  const run = await core.sessions.send({ text: "second", origin, sessionKey: "main" });
  expect((await core.runs.get(run.id)).state).toBe("queued");
  go.resolve();
  expect(await back).toMatchObject({ restored: ["a.txt"], kept: [] });
  expect(text("a.txt")).toBe("one");
  await run.outcome;
  expect(text("a.txt")).toBe("three");
});

test("a run that came right before is not undone with those that were meant", async () => {
  let first: (() => Promise<unknown>) | undefined;
  const seeStore = (store: Store): Store => ({
    ...store,
    async listRuns(query) {
      const found = await store.listRuns(query);
      const work = first;
      first = undefined;
      await work?.();
      return found;
    },
  });
  const turns: Turn[] = [put("a.txt", "two"), ["done"], put("a.txt", "three", "x"), ["done"]];
  const { goBack, send, text } = await open({ "a.txt": "one" }, turns, { seeStore });
  await send("first");
  first = () => send("second");
  await expect(goBack(0)).rejects.toMatchObject({ code: "conflict" });
  expect(text("a.txt")).toBe("three");
});

test("nor is a sub-agent, nor a run by one of its files", async () => {
  const go = Promise.withResolvers<void>();
  const { core, goBack, send, text } = await open({ "a.txt": "one" }, [
    put("a.txt", "two"),
    ["done"],
    [{ wait: go.promise }, "late"],
  ]);
  const { id } = await send("first");
  const sub = await core.sessions.send({
    text: "sub",
    parentKey: "main",
    origin: { via: "subagent", id },
    sentBy: { id, place: {} as never },
  });
  await expect(goBack(0)).rejects.toMatchObject({ code: "conflict" });
  await expect(core.checkpoints.revert(id, "a.txt", { force: false })).rejects.toMatchObject({ code: "conflict" });
  expect(text("a.txt")).toBe("two");
  go.resolve();
  await sub.outcome;
  await core.checkpoints.revert(id, "a.txt", { force: false });
  expect(text("a.txt")).toBe("one");
});

test("what is too large or no file is named as not kept; a folder in the place of a file is left", async () => {
  const big = "x".repeat(10_000_001);
  const { send, goBack, text, place } = await open({ "big.txt": big, "a.txt": "one" }, [
    put("big.txt", "small"),
    put("a.txt", "two"),
    ["done"],
  ]);
  await send("change");
  rmSync(place("a.txt"));
  mkdirSync(place("a.txt"));
  const { restored, kept } = await goBack(0, { force: true });
  expect(restored).toEqual([]);
  expect(kept).toEqual([
    { path: "big.txt", why: "what was there before is not known: it has 10000001 bytes" },
    { path: "a.txt", why: expect.stringContaining("folder") },
  ]);
  expect(text("big.txt")).toBe("small");
});

posixTest("a folder that has become a link out of the workspace is neither written into nor read", async () => {
  const outside = tempFolder({ "a.txt": "theirs" });
  const { send, goBack, core, place } = await open({ "dir/a.txt": "one" }, [put("dir/a.txt", "two"), ["done"]]);
  const { id } = await send("change");
  rmSync(place("dir"), { recursive: true });
  symlinkSync(outside, place("dir"));
  const { restored, kept: left } = await goBack(0, { force: true });
  expect(restored).toEqual([]);
  expect(left).toEqual([{ path: "dir/a.txt", why: expect.stringContaining("has become a link") }]);
  expect(readFileSync(join(outside, "a.txt"), "utf8")).toBe("theirs");
  expect(JSON.stringify(await core.checkpoints.changes(id))).not.toContain("theirs");
});

test("switched off, nothing is kept", async () => {
  const { send, kept } = await open({ "a.txt": "one" }, [put("a.txt", "two"), ["done"]], {
    settings: { checkpoints: false },
  });
  await send("change");
  expect(existsSync(join(kept, "runs"))).toBe(false);
});
