import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { BoundedMap } from "../../../src/base/boundedMap.ts";
import { Lanes } from "../../../src/base/turns/lanes.ts";
import { digestOf, openContents } from "../../../src/store/checkpoints/contents.ts";
import { changesOf } from "../../../src/store/checkpoints/fileChanges.ts";
import { takeFindings } from "../../../src/store/checkpoints/noteContents.ts";
import { openCheckpoints } from "../../../src/store/checkpoints/openCheckpoints.ts";
import { openRunLogs } from "../../../src/store/checkpoints/runLog.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { posixTest } from "../../posix.ts";
import { tempFolder } from "../../tools/toolContext.ts";

function open(files: Record<string, string>) {
  const folder = tempFolder(files);
  const kept = tempFolder();
  const bounds = () => ({ days: 1, megabytes: 10 });
  const time = { now: Date.now(), asked: () => {} };
  const clock = {
    ...systemClock,
    now: () => {
      time.asked();
      return time.now++;
    },
  };
  const again = () => openCheckpoints({ folder: kept, bounds, clock, log: silentLog });
  const checkpoints = again();
  const place = (path: string) => join(folder, path);
  /** A sub-agent works in a session of its own. */
  const toRun = (runId: string) => ({ sessionKey: runId.startsWith("child") ? "child" : "s", runId });
  return {
    checkpoints,
    again,
    kept,
    time,
    place,
    text: (path: string) => (existsSync(place(path)) ? readFileSync(place(path), "utf8") : null),
    async change(runId: string, path: string, text: string | null) {
      const run = toRun(runId);
      await checkpoints.keep(run, place(path));
      if (text === null) rmSync(place(path));
      else {
        mkdirSync(dirname(place(path)), { recursive: true });
        writeFileSync(place(path), text);
      }
      await checkpoints.left(run, place(path));
    },
    restore: (ids: string[], how: { force?: boolean; dryRun?: boolean } = {}) =>
      checkpoints.restore(ids.map(toRun), {
        as: { sessionKey: "s", runId: "back" },
        force: false,
        dryRun: false,
        ...how,
      }),
  };
}

test("what was there first goes back, whichever of the runs began later", async () => {
  const { change, restore, text } = open({ "a.txt": "first" });
  await change("child", "new.txt", "child");
  await change("parent", "new.txt", "parent");
  await change("child", "a.txt", "child");
  await change("parent", "a.txt", null);
  expect((await restore(["parent", "child"])).kept).toEqual([]);
  expect([text("new.txt"), text("a.txt")]).toEqual([null, "first"]);
});

test("what was there first goes back also where the clock was set back between two runs, or in one", async () => {
  const { change, restore, text, time } = open({ "a.txt": "0", "b.txt": "0", "c.txt": "0" });
  await change("first", "a.txt", "1");
  await change("child of first", "c.txt", "1");
  time.now -= 3_600_000;
  await change("second", "a.txt", "2");
  await change("second", "b.txt", "2");
  await change("child of second", "b.txt", "3");
  await change("child of second", "c.txt", "3");
  time.now -= 3_600_000;
  await change("second", "c.txt", "4");
  await change("third", "b.txt", "5");
  expect((await restore(["first", "child of first", "second", "child of second", "third"])).kept).toEqual([]);
  expect(["a.txt", "b.txt", "c.txt"].map(text)).toEqual(["0", "0", "0"]);
});

test("what a command in the background is found to have changed while a later run works is no clock that was set back", async () => {
  const { change, checkpoints, restore, text, place } = open({ "a.txt": "0", "b.txt": "0", "c.txt": "0" });
  await change("first", "a.txt", "1");
  const findings = checkpoints.findings({ sessionKey: "s", runId: "first" });
  const [held] = await findings.hold([place("b.txt")]);
  writeFileSync(place("b.txt"), "mine");
  await change("second", "b.txt", "2");
  await change("second", "a.txt", "2");
  const why = { why: "a command changed it, and what was there before was not kept" };
  await findings.found([
    { path: place("b.txt"), before: held!, isBeside: true },
    { path: place("a.txt"), before: why, isBeside: true },
    { path: place("c.txt"), before: why, isBeside: true },
  ]);
  await change("third", "b.txt", "3");
  const { kept } = await restore(["first", "second", "third"]);
  expect(kept).toEqual([{ real: place("c.txt"), why: `what was there before is not known: ${why.why}` }]);
  expect(["a.txt", "b.txt"].map(text)).toEqual(["0", "mine"]);
});

test.each([
  ["before it is put back", ["a.txt", "b.txt"]],
  ["while it is put back", ["b.txt"]],
])("what somebody saves %s stays, also where its change alone is put back", async (_when, paths) => {
  const { change, checkpoints, restore, text, time, place } = open({ "a.txt": "one\n", "b.txt": "one\n" });
  for (const path of paths) await change("run", path, "two\n");
  const save = () => {
    time.asked = () => {};
    writeFileSync(place("b.txt"), "mine\n");
  };
  time.asked = save;
  const { restored, kept } = await restore(["run"]);
  expect(restored).toEqual(paths.filter((path) => path !== "b.txt").map(place));
  expect(kept).toEqual([{ real: place("b.txt"), why: "somebody else has changed it since" }]);
  expect(text("b.txt")).toBe("mine\n");
  writeFileSync(place("b.txt"), "two\n");
  const run = { sessionKey: "s", runId: "run" };
  const [hunk] = await checkpoints.hunks([run], place("b.txt"));
  time.asked = save;
  const as = { sessionKey: "s", runId: "part" };
  const how = { ids: [hunk!.id], as, force: true };
  expect(await checkpoints.revertHunks([run], place("b.txt"), how)).toBe("somebody else has changed it since");
  expect(text("b.txt")).toBe("mine\n");
});

test("a file that a command changed under two names is put back under both, and neither is said to be another's", async () => {
  const { checkpoints, restore, place, text } = open({ "a.txt": "one" });
  const paths = [place("a.txt"), place("b.txt")];
  linkSync(paths[0]!, paths[1]!);
  const run = { sessionKey: "s", runId: "run" };
  const before = await checkpoints.findings(run).hold(paths);
  writeFileSync(paths[0]!, "two");
  await checkpoints.findings(run).found(paths.map((path, index) => ({ path, before: before[index]! })));
  expect(await restore(["run"])).toEqual({ restored: paths, removed: [], kept: [] });
  expect([text("a.txt"), text("b.txt"), statSync(paths[0]!).nlink]).toEqual(["one", "one", 2]);
});

test.each(["", "half"])("a content that a power cut left damaged (%o) is kept anew", async (left) => {
  const { change, again, restore, place, text, kept } = open({ "a.txt": "one" });
  await change("first", "a.txt", "two");
  const digest = digestOf(Buffer.from("one"));
  const content = join(kept, "contents", digest.slice(0, 2), digest);
  const sizes = [statSync(content).size];
  writeFileSync(content, left);
  writeFileSync(place("a.txt"), "one");
  await again().keep({ sessionKey: "s", runId: "second" }, place("a.txt"));
  sizes.push(statSync(content).size);
  expect(sizes[1]).toBe(sizes[0]);
  // And in the process that wrote it.
  writeFileSync(content, left);
  await change("third", "a.txt", "three");
  expect((await restore(["third"])).kept).toEqual([]);
  expect(text("a.txt")).toBe("one");
});

test("a file that a command gave a name in another case stays where the disk takes no notice of that", async () => {
  const { checkpoints, restore, text, place, again } = open({ "Readme.md": "one", "Notes.md": "one" });
  const findings = checkpoints.findings({ sessionKey: "s", runId: "run" });
  const [readme, notes] = await findings.hold([place("Readme.md"), place("Notes.md")]);
  // As there: both names lead to it.
  for (const name of ["Readme.md", "Notes.md"])
    if (!existsSync(place(name.toUpperCase()))) linkSync(place(name), place(name.toUpperCase()));
  writeFileSync(place("NOTES.MD"), "two");
  await findings.found([
    { path: place("NOTES.MD"), before: null },
    { path: place("Notes.md"), before: notes! },
    { path: place("README.MD"), before: null },
    { path: place("Readme.md"), before: readme! },
  ]);
  const changed = await again().changes([{ sessionKey: "s", runId: "run" }]);
  expect(changed.map(({ real, kind }) => [real, kind])).toEqual([
    [place("NOTES.MD"), "changed"],
    [place("Notes.md"), "changed"],
  ]);
  expect((await restore(["run"])).kept).toEqual([]);
  expect(["Readme.md", "README.MD", "Notes.md", "NOTES.MD"].map(text)).toEqual(["one", "one", "one", "one"]);
});

test("folders that were made go too, as far as they are empty, and a file is put back where a folder took its place", async () => {
  const { change, restore, text, place } = open({ f: "file", "own/x.txt": "x" });
  mkdirSync(place("kept"));
  await change("run", "f", null);
  await change("run", "f/inner/a.txt", "a");
  await change("run", "kept/new/deep/b.txt", "new");
  await change("run", "other/c.txt", "new");
  // Side by side: the second found the first one's folder.
  await change("run", "kept/side/b.txt", "new");
  await change("run", "kept/side/deep/a.txt", "new");
  expect((await restore(["run"], { dryRun: true })).kept).toEqual([]);
  writeFileSync(place("other/mine.txt"), "mine");
  const { restored, kept } = await restore(["run"]);
  expect(kept).toEqual([]);
  expect(restored).toContain(place("f"));
  expect(text("f")).toBe("file");
  expect(["kept", "kept/new", "kept/side", "own", "other"].map((name) => existsSync(place(name)))).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
  expect((await restore(["back"])).kept).toEqual([]);
  expect([text("kept/new/deep/b.txt"), text("f/inner/a.txt")]).toEqual(["new", "a"]);
});

test("what could not be had again stays, though it is forced: a folder, a long file", async () => {
  const { change, restore, place } = open({ "folder.txt": "one", "long.txt": "one" });
  const names = ["folder.txt", "long.txt"];
  for (const name of names) await change("run", name, "two");
  for (const name of names) rmSync(place(name));
  mkdirSync(place("folder.txt"));
  writeFileSync(place("long.txt"), "x".repeat(10_000_001));
  for (const dryRun of [true, false]) {
    const { restored, kept } = await restore(["run"], { force: true, dryRun });
    expect(restored).toEqual([]);
    expect(kept.map(({ why }) => why)).toEqual([
      "what is there now could not be had again: it is a folder",
      "what is there now could not be had again: it has 10000001 bytes",
    ]);
  }
});

posixTest("a link is put back as the link that it was, and what it leads to is not touched", async () => {
  const { checkpoints, restore, place, text } = open({ "aim.txt": "aim", "file.txt": "file" });
  symlinkSync("aim.txt", place("was"));
  symlinkSync("/nowhere at all", place("gone"));
  const run = { sessionKey: "s", runId: "run" };
  const paths = ["was", "gone", "file.txt", "new"].map(place);
  for (const path of paths) await checkpoints.keep(run, path);
  for (const path of paths.slice(0, 3)) rmSync(path);
  writeFileSync(place("was"), "a file now");
  symlinkSync("aim.txt", place("file.txt"));
  symlinkSync("aim.txt", place("new"));
  for (const path of paths) await checkpoints.left(run, path);
  expect(await checkpoints.hunks([run], place("file.txt"))).toEqual([]);
  expect(await restore(["run"])).toMatchObject({ restored: { length: 4 }, kept: [] });
  expect([readlinkSync(place("was")), readlinkSync(place("gone"))]).toEqual(["aim.txt", "/nowhere at all"]);
  expect(lstatSync(place("file.txt")).isFile()).toBe(true);
  expect([text("file.txt"), text("new"), text("aim.txt")]).toEqual(["file", null, "aim"]);
  // And back again.
  expect((await restore(["back"])).kept).toEqual([]);
  expect([readlinkSync(place("file.txt")), readlinkSync(place("new"))]).toEqual(["aim.txt", "aim.txt"]);
  expect([text("was"), existsSync(place("gone")), text("aim.txt")]).toEqual(["a file now", false, "aim"]);
});

test("a file with two names is put back under both, whole or a change of it, and stays one", async () => {
  const { change, checkpoints, restore, place, text } = open({ "a.txt": "one\ntwo\nthree\n" });
  linkSync(place("a.txt"), place("b.txt"));
  const run = { sessionKey: "s", runId: "run" };
  const both = () => [text("a.txt"), text("b.txt"), statSync(place("a.txt")).nlink];
  await change("run", "a.txt", "1\ntwo\n3\n");
  const [first] = await checkpoints.hunks([run], place("a.txt"));
  const as = { sessionKey: "s", runId: "part" };
  expect(await checkpoints.revertHunks([run], place("a.txt"), { ids: [first!.id], as, force: false })).toBe("");
  expect(both()).toEqual(["one\ntwo\n3\n", "one\ntwo\n3\n", 2]);
  expect((await restore(["run"])).kept).toEqual([]);
  expect(both()).toEqual(["one\ntwo\nthree\n", "one\ntwo\nthree\n", 2]);
});

test("a change in a file that a command linked in another's place is put back there alone", async () => {
  const { checkpoints, place, text } = open({ "a.txt": "one\ntwo\n", "store.txt": "one\n2\n" });
  const run = { sessionKey: "s", runId: "run" };
  const [before] = await checkpoints.findings(run).hold([place("a.txt")]);
  rmSync(place("a.txt"));
  linkSync(place("store.txt"), place("a.txt"));
  await checkpoints.findings(run).found([{ path: place("a.txt"), before: before!, isOther: true }]);
  const [only] = await checkpoints.hunks([run], place("a.txt"));
  const as = { sessionKey: "s", runId: "part" };
  expect(await checkpoints.revertHunks([run], place("a.txt"), { ids: [only!.id], as, force: false })).toBe("");
  expect([text("a.txt"), text("store.txt")]).toEqual(["one\ntwo\n", "one\n2\n"]);
});

test("what a command changed is put down many at a time", async () => {
  const folder = tempFolder();
  const logs = openRunLogs(tempFolder());
  let calls = 0;
  const counted =
    <Given extends unknown[], Answer>(work: (...given: Given) => Answer) =>
    (...given: Given): Answer => {
      calls += 1;
      return work(...given);
    };
  const parts = {
    clock: systemClock,
    log: silentLog,
    contents: openContents(tempFolder()),
    logs: { ...logs, append: counted(logs.append), read: counted(logs.read) },
    known: new BoundedMap<string, Set<string>>(10),
    lanes: new Lanes(),
  };
  const run = { sessionKey: "s", runId: "run" };
  const paths = Array.from({ length: 400 }, (_, index) => join(folder, `f${index}`));
  for (const path of paths) writeFileSync(path, path);
  await takeFindings(parts, run).found(paths.map((path) => ({ path, before: null })));
  expect(calls).toBeLessThan(20);
  expect((await changesOf(parts, [run])).size).toBe(400);
});

test("why a file stays is a sentence", async () => {
  const { change, restore, place } = open({ "a/b.txt": "one" });
  await change("run", "a/b.txt", "two");
  rmSync(place("a"), { recursive: true });
  writeFileSync(place("a"), "a file");
  const { kept } = await restore(["run"], { force: true });
  expect(kept.map(({ why }) => why)).toEqual([`A part of ${place("a/b.txt")} is a file, not a folder`]);
});

test("what is held for a command is there at its end, however long that takes", async () => {
  const folder = tempFolder({ "a.txt": "one", "b.txt": "one" });
  const kept = tempFolder();
  const clock = createFakeClock(Date.now());
  const checkpoints = openCheckpoints({
    folder: kept,
    bounds: () => ({ days: 14, megabytes: 500 }),
    clock,
    log: silentLog,
  });
  const run = { sessionKey: "s", runId: "run" };
  const findings = checkpoints.findings(run);
  const [path, other] = [join(folder, "a.txt"), join(folder, "b.txt")];
  writeFileSync(other, "nobody holds it");
  const [before] = await findings.hold([path]);
  await findings.hold([other]);
  const holding = findings.holdOn([before!]);
  const contents = openContents(join(kept, "contents"));
  const digests = async () => (await contents.list()).map(({ digest }) => digest);
  // Its files are as old as the clock says that they are.
  for (const { digest } of await contents.list())
    utimesSync(join(kept, "contents", digest.slice(0, 2), digest), 0, clock.now() / 1000 - 2 * 86_400);
  await clock.advance(3_600_000);
  await expect.poll(async () => (await contents.list()).some(({ at }) => at > Date.now() - 86_400_000)).toBe(true);
  await checkpoints.prune();
  expect(await digests()).toEqual([digestOf(Buffer.from("one"))]);
  writeFileSync(path, "two");
  await findings.found([{ path, before: before!, isBeside: true }]);
  holding.dispose();
  const how = { as: { sessionKey: "s", runId: "back" }, force: true, dryRun: false };
  expect(await checkpoints.restore([run], how)).toEqual({ restored: [path], removed: [], kept: [] });
  expect(readFileSync(path, "utf8")).toBe("one");
});
