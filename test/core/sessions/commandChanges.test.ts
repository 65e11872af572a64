import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, linkSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Files } from "../../../src/core/ports/files.ts";
import { protectState } from "../../../src/rules/protectedState.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { backgroundCommands } from "../../../src/tools/shell/backgroundCommands.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { setClockAside } from "../../fakes/clockAside.ts";
import { posixTest } from "../../posix.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { git, openChanges, run } from "./changesBench.ts";

posixTest("what a command changed in a repository is named and put back, committed or not", async () => {
  const folder = tempFolder({
    "clean.txt": "clean\n",
    "sub/gone.txt": "gone\n",
    "run.sh": "#!/bin/sh\n",
    "dirty.txt": "stored\n",
    "touched.txt": "same\n",
    ".gitignore": "dist/\n*.log\n",
  });
  chmodSync(join(folder, "run.sh"), 0o755);
  git(folder, "init", "-q");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
  writeFileSync(join(folder, "dirty.txt"), "mine\n");
  writeFileSync(join(folder, "own.txt"), "untracked\n");
  const { list, goBack, text, place } = await openChanges(folder, [
    run(
      [
        "echo a > clean.txt; rm -r sub; chmod 644 run.sh; echo b >> dirty.txt; echo c >> own.txt; touch touched.txt",
        "mkdir -p deep/er dist; echo new > deep/er/new.txt; echo out > dist/out.js; echo l > x.log",
        "git -c user.name=t -c user.email=t@example.org commit -qam second",
      ].join("\n"),
    ),
  ]);
  const { files, commands, unseen } = await list();
  expect(files.map(({ path, kind, state, by }) => [path, kind, state, by])).toEqual([
    ["clean.txt", "changed", "as_left", "command"],
    ["deep/er/new.txt", "added", "as_left", "command"],
    ["dirty.txt", "changed", "as_left", "command"],
    ["own.txt", "changed", "as_left", "command"],
    ["run.sh", "changed", "as_left", "command"],
    ["sub/gone.txt", "deleted", "as_left", "command"],
  ]);
  const moved = [expect.stringMatching(/^HEAD, which went from \S+ \(\w{8}\) to \S+ \(\w{8}\) while/)];
  expect([commands.length, unseen]).toEqual([1, moved]);
  expect(await goBack({ dryRun: true })).toMatchObject({ kept: [], restored: { length: 6 } });
  expect(await goBack()).toMatchObject({ kept: [], restored: { length: 6 }, unseen: moved });
  expect(["clean.txt", "dirty.txt", "own.txt", "sub/gone.txt", "deep/er/new.txt"].map(text)).toEqual([
    ...["clean\n", "mine\n", "untracked\n", "gone\n", null],
  ]);
  expect(statSync(place("run.sh")).mode & 0o777).toBe(0o755);
  // What git ignores is not looked at.
  expect([text("dist/out.js"), text("x.log"), existsSync(place("deep"))]).toEqual(["out\n", "l\n", false]);
});

posixTest(
  "without git what was there is kept beforehand, as far as it goes, and what is not known is said",
  async () => {
    const folder = tempFolder({ "a.txt": "one", "big.bin": Buffer.alloc(20_000_001, 1), "late.txt": "late" });
    protectState(join(folder, "state"), () => []);
    const { goBack, text, list, place } = await openChanges(folder, [
      run("echo two > a.txt; echo small > big.bin; d=sta; mkdir ${d}te; echo x > ${d}te/f"),
      [call("write", { path: "late.txt", content: "by a tool" }, "w")],
      run("echo by a command > late.txt"),
    ]);
    expect((await list()).files.map(({ path, state, by }) => [path, state, by])).toEqual([
      ["a.txt", "as_left", "command"],
      ["big.bin", "not_kept", "command"],
      ["late.txt", "as_left", "command"],
    ]);
    writeFileSync(place("a.txt"), "mine");
    const first = await goBack();
    expect(first).toMatchObject({
      restored: ["late.txt"],
      kept: [
        { path: "a.txt", why: "somebody else has changed it since" },
        {
          path: "big.bin",
          why: "what was there before is not known: a command changed it, and what was there before was not kept",
        },
      ],
    });
    expect([text("a.txt"), text("late.txt")]).toEqual(["mine", "late"]);
    expect((await goBack({ force: true })).restored).toEqual(["a.txt"]);
    expect(text("a.txt")).toBe("one");
  },
);

posixTest.each([0, 3_600_000, -3_600_000])(
  "what came to be ignored, or is no longer, is neither gone nor new, also where our clock is %d ms ahead of the disk's",
  async (ms) => {
    setClockAside(ms);
    const folder = tempFolder({
      ".gitignore": "old.txt\nkept/\n",
      "old.txt": "old",
      "soon.txt": "soon",
      "kept/a": "a",
    });
    git(folder, "init", "-q");
    const { list } = await openChanges(folder, [run("echo soon.txt > .gitignore; mkdir made; echo x > made/new.txt")]);
    expect((await list()).files.map(({ path, kind }) => [path, kind])).toEqual([
      [".gitignore", "changed"],
      ["made/new.txt", "added"],
    ]);
  },
);

posixTest(
  "what was changed while a command ran in the background is named, and put back only when that is wanted",
  async () => {
    const folder = tempFolder({ "a.txt": "one" });
    const { list, goBack, text, sent } = await openChanges(folder, [
      run("echo two > a.txt; echo written; read line", { background: true, input: "" }),
    ]);
    expect((await list()).files).toEqual([]);
    const { id, child } = backgroundCommands.list("main").find(({ runId }) => runId === sent.id)!;
    expect(id).toMatch(/^bg/);
    await expect.poll(() => child.output()).toContain("written");
    await child.stop();
    await child.outcome;
    expect(await goBack()).toMatchObject({
      restored: [],
      kept: [{ path: "a.txt", why: "a command changed it, or somebody else while that ran" }],
    });
    expect((await goBack({ force: true })).restored).toEqual(["a.txt"]);
    expect(text("a.txt")).toBe("one");
  },
);

posixTest(
  "what somebody saves in an editor while a command runs stays, and what only the command changed goes back",
  async () => {
    const folder = tempFolder({ "a.txt": "one", "both.txt": "one" });
    const marks = tempFolder();
    const listeners = new Set<(path: string) => void>();
    const files: Files = {
      ...createDiskFiles(),
      onSave(listener) {
        listeners.add(listener);
        return { dispose: () => void listeners.delete(listener) };
      },
    };
    const wait = `touch ${marks}/ready; until [ -e ${marks}/saved ]; do sleep 0.02; done`;
    const opened = openChanges(folder, [run(`echo two > a.txt; ${wait}; echo two > both.txt`)], "off", files);
    await expect.poll(() => existsSync(join(marks, "ready"))).toBe(true);
    for (const name of ["mine.txt", "both.txt"]) {
      writeFileSync(join(folder, name), "mine");
      for (const tell of listeners) tell(join(folder, name));
    }
    writeFileSync(join(marks, "saved"), "");
    const { goBack, text } = await opened;
    expect(listeners.size).toBe(0);
    const why = "a command changed it, or somebody else while that ran";
    expect(await goBack()).toMatchObject({
      restored: ["a.txt"],
      kept: [
        { path: "mine.txt", why },
        { path: "both.txt", why },
      ],
    });
    expect([text("a.txt"), text("mine.txt")]).toEqual(["one", "mine"]);
    expect((await goBack({ force: true })).restored).toEqual(["mine.txt", "both.txt"]);
  },
);

posixTest("a command that only looks, and a folder without an end, cost no look", async () => {
  const folder = tempFolder({ "a.txt": "one" });
  git(folder, "init", "-q");
  // An index that says it has more than anybody looks at.
  const head = Buffer.from("DIRC\0\0\0\x02\0\xff\0\0", "latin1");
  writeFileSync(join(folder, ".git", "index"), head);
  const { list } = await openChanges(folder, [
    run("echo two > a.txt"),
    [
      call("exec", { command: "cat a.txt" }, "c"),
      call("write", { path: "b.txt", content: "beside what only looks" }, "w"),
    ],
  ]);
  expect(await list()).toMatchObject({
    files: [{ path: "b.txt", kind: "added", state: "as_left" }],
    unseen: ["the folder has more than 30000 files, so what commands changed in it was not looked for"],
  });
});

posixTest("folders that a command moved are gone again, and links are as they were", async () => {
  const folder = tempFolder({ "keep/a.txt": "a", "keep/b/c.txt": "c", "target.txt": "t" });
  symlinkSync("target.txt", join(folder, "old"));
  symlinkSync("../../outside", join(folder, "out"));
  const bench = await openChanges(folder, [
    run("mv keep moved; ln -sf keep old; ln -s target.txt new; rm out; mkdir out; echo x > out/x"),
  ]);
  expect((await bench.goBack()).kept).toEqual([]);
  expect(bench.text("keep/b/c.txt")).toBe("c");
  expect([existsSync(bench.place("moved")), existsSync(bench.place("new"))]).toEqual([false, false]);
  expect([readlinkSync(bench.place("old")), readlinkSync(bench.place("out"))]).toEqual(["target.txt", "../../outside"]);
});

posixTest("a file of two names is put back under both, and one that a command linked in its place stays", async () => {
  const folder = tempFolder({ "ws/a.txt": "one", "ws/mine.txt": "mine", "store.txt": "store" });
  linkSync(join(folder, "ws/a.txt"), join(folder, "stored.txt"));
  const bench = await openChanges(join(folder, "ws"), [
    run("echo two > a.txt; ln -f ../store.txt mine.txt"),
    [call("write", { path: "mine.txt", content: "by a tool" }, "w")],
  ]);
  expect([bench.text("../stored.txt"), bench.text("../store.txt")]).toEqual(["two\n", "by a tool"]);
  expect((await bench.goBack()).kept).toEqual([]);
  const texts = ["a.txt", "../stored.txt", "mine.txt", "../store.txt"].map(bench.text);
  expect(texts).toEqual(["one", "one", "mine", "by a tool"]);
  expect(statSync(bench.place("a.txt")).nlink).toBe(2);
});

posixTest("that a command moved HEAD is said, as it is not put back", async () => {
  const folder = tempFolder({ "a.txt": "one\n" });
  const commit = (words: string) => git(folder, "commit", "-qam", words);
  git(folder, "init", "-q", "-b", "main");
  git(folder, "add", ".");
  commit("first");
  writeFileSync(join(folder, "a.txt"), "two\n");
  commit("second");
  const heads = ["HEAD", "HEAD~1"].map((name) =>
    execFileSync("git", ["rev-parse", name], { cwd: folder, encoding: "utf8" }).slice(0, 8),
  );
  const bench = await openChanges(folder, [
    run("git reset -q --hard HEAD~1"),
    run("echo none"),
    run("git pack-refs --all && git checkout -q --detach"),
  ]);
  const { restored, unseen } = await bench.goBack();
  expect(restored).toEqual(["a.txt"]);
  expect(unseen).toEqual([
    `HEAD, which went from main (${heads[0]}) to main (${heads[1]}) while a command ran; commits and branches stay as they are`,
    `HEAD, which went from main (${heads[1]}) to ${heads[1]} while a command ran; commits and branches stay as they are`,
  ]);
});
