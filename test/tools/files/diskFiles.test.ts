import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAppError } from "../../../src/base/appError.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { putContent } from "../../../src/store/checkpoints/putContent.ts";
import { toAppError } from "../../../src/base/files/realFile.ts";
import { toWorkspacePath } from "../../../src/tools/files/workspacePath.ts";
import { tempFolder } from "../toolContext.ts";
import { expectMode, posixTest } from "../../posix.ts";

const diskFiles = createDiskFiles();

test("text is read as it is, without its byte order mark", async () => {
  const folder = tempFolder({ plain: "a\nb", windows: "a\r\nb\r\n", bom: "\uFEFFa", empty: "", wide: "né 🦀" });
  const read = async (name: string) => (await diskFiles.readText(join(folder, name))).text;
  expect(await Promise.all(["plain", "windows", "bom", "empty", "wide"].map(read))).toEqual([
    "a\nb",
    "a\r\nb\r\n",
    "a",
    "",
    "né 🦀",
  ]);
});

posixTest("what is no text is refused", async () => {
  const folder = tempFolder({ nul: "a\0b", bytes: Uint8Array.of(0x61, 0x81, 0x62), "folder/x": "" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
  symlinkSync("/etc/passwd", join(folder, "link"));
  const code = async (name: string) =>
    diskFiles.readText(join(folder, name)).catch((error: { code: string }) => error.code);
  expect(await Promise.all(["nul", "bytes", "folder", "pipe", "link", "nothing", "nul/x"].map(code))).toEqual([
    "bad_request",
    "bad_request",
    "bad_request",
    "bad_request",
    "forbidden",
    "not_found",
    "not_found",
  ]);
  expect(await diskFiles.readText("/dev/zero").catch((error: { code: string }) => error.code)).toBe("bad_request");
});

test("a written file keeps its byte order mark and mode, and leaves nothing beside it", async () => {
  const folder = tempFolder({ "run.sh": "\uFEFFold" });
  const path = join(folder, "run.sh");
  chmodSync(path, 0o755);
  await diskFiles.writeText(path, "new\r\n", "old");
  expect(readFileSync(path, "utf8")).toBe("\uFEFFnew\r\n");
  expectMode(path, 0o755);
  expect(readdirSync(folder)).toEqual(["run.sh"]);
});

test("folders are made", async () => {
  const folder = tempFolder();
  await diskFiles.writeText(join(folder, "a/b/c.txt"), "x", null);
  expect(readFileSync(join(folder, "a/b/c.txt"), "utf8")).toBe("x");
});

test("what is expected must be there", async () => {
  const folder = tempFolder({ a: "now", binary: "\0" });
  const write = (name: string, expected?: string | null) =>
    diskFiles.writeText(join(folder, name), "new", expected).then(
      () => "written",
      (error: { code: string }) => error.code,
    );
  expect(await write("a", "before")).toBe("conflict");
  expect(await write("a", null)).toBe("conflict");
  expect(await write("binary", null)).toBe("conflict");
  expect(await write("binary")).toBe("bad_request");
  expect(await write("gone", "before")).toBe("conflict");
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("now");
  expect(await write("a", "now")).toBe("written");
  expect(await write("gone", null)).toBe("written");
  expect(await write("a")).toBe("written");
});

posixTest("a path that became a link after it was checked is not followed", async () => {
  const base = tempFolder({ "ws/dir/file": "mine", "ws/file": "mine", "out/file": "theirs" });
  const inside = join(base, "ws");
  const folderPath = await toWorkspacePath(inside, "dir/file");
  const filePath = await toWorkspacePath(inside, "file");
  renameSync(join(inside, "dir"), join(inside, "dir2"));
  symlinkSync(join(base, "out"), join(inside, "dir"));
  renameSync(join(inside, "file"), join(inside, "file2"));
  symlinkSync(join(base, "out/file"), join(inside, "file"));
  for (const path of [folderPath.real, filePath.real]) {
    await expect(diskFiles.readText(path)).rejects.toMatchObject({ code: "forbidden" });
    await expect(diskFiles.writeText(path, "x")).rejects.toMatchObject({ code: "forbidden" });
  }
  await expect(diskFiles.remove!(folderPath.real)).rejects.toMatchObject({ code: "forbidden" });
  expect(readFileSync(join(base, "out/file"), "utf8")).toBe("theirs");
  expect(readdirSync(join(base, "out"))).toEqual(["file"]);
});

posixTest("a folder that flips to a link and back never lets anything out or in", async () => {
  const base = tempFolder({ "ws/dir/file": "mine", "out/file": "theirs" });
  const inside = join(base, "ws");
  const [dir, aside, link] = ["dir", "aside", "link"].map((name) => join(inside, name)) as [string, string, string];
  symlinkSync(join(base, "out"), link);
  const stop = new AbortController();
  const racer = (async () => {
    while (!stop.signal.aborted) {
      renameSync(dir, aside);
      replaceFolder(link, dir);
      await new Promise(setImmediate);
      renameSync(dir, link);
      replaceFolder(aside, dir);
      await new Promise(setImmediate);
    }
  })();
  const seen = new Set<string>();
  for (let round = 0; round < 300; round += 1) {
    try {
      const { real } = await toWorkspacePath(inside, "dir/file");
      seen.add((await diskFiles.readText(real)).text);
      await diskFiles.writeText(real, "mine");
    } catch (error) {
      if (!isAppError(error)) throw error;
      seen.add(error.code);
    }
  }
  stop.abort();
  await racer;
  expect(seen).not.toContain("theirs");
  expect((await diskFiles.readText(join(inside, "dir/file"))).text).toBe("mine");
  expect(readFileSync(join(base, "out/file"), "utf8")).toBe("theirs");
  expect(readdirSync(join(base, "out"))).toEqual(["file"]);
});

/** Renames, however often a write in between makes the folder anew. */
function replaceFolder(from: string, to: string): void {
  for (;;) {
    rmSync(to, { recursive: true, force: true });
    try {
      return renameSync(from, to);
    } catch {}
  }
}

test("what is in the way is said, and the old text stays", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "file"), "x");
  await expect(diskFiles.writeText(join(folder, "taken"), "x")).rejects.toMatchObject({ code: "bad_request" });
  await expect(diskFiles.writeText(join(folder, "file/below"), "x")).rejects.toSatisfy(isAppError);
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("x");
});

test("bytes of other encodings are read, said and kept, and what they cannot hold is refused", async () => {
  const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");
  const folder = tempFolder({
    latin: Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x0a, 0x80, 0x0d, 0x0a),
    little: utf16("é😀\r\n"),
    big: utf16("é😀\r\n").swap16(),
    odd: Uint8Array.of(0xff, 0xfe, 0x61),
    half: Uint8Array.of(0xff, 0xfe, 0x3d, 0xd8, 0x61, 0x00),
  });
  const path = (name: string) => join(folder, name);
  expect(await diskFiles.readText(path("latin"))).toMatchObject({ text: "café\n€\r\n", encoding: "windows-1252" });
  expect(await diskFiles.readText(path("little"))).toMatchObject({ text: "é😀\r\n", encoding: "utf-16le" });
  expect(await diskFiles.readText(path("big"))).toMatchObject({ text: "é😀\r\n", encoding: "utf-16be" });
  for (const name of ["odd", "half"])
    await expect(diskFiles.readText(path(name))).rejects.toMatchObject({ code: "bad_request" });
  await diskFiles.writeText(path("latin"), "café ü\n€\r\n", "café\n€\r\n");
  expect(readFileSync(path("latin")).toString("hex")).toBe("636166e920fc0a800d0a");
  await diskFiles.writeText(path("big"), "é\r\n", "é😀\r\n");
  expect(readFileSync(path("big"))).toEqual(utf16("é\r\n").swap16());
  await expect(diskFiles.writeText(path("latin"), "😀")).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringMatching(/windows-1252, which has no "😀"/),
  });
});

posixTest("half a letter is refused, a byte order mark is not doubled, and what is read-only stays", async () => {
  const folder = tempFolder({ bom: "\uFEFFold", locked: "old", wide: Buffer.from("\uFEFFold", "utf16le") });
  const path = (name: string) => join(folder, name);
  chmodSync(path("locked"), 0o444);
  for (const name of ["bom", "wide", "new"])
    await expect(diskFiles.writeText(path(name), "a\ud83db")).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(String.raw`half a letter ("\ud83d")`),
    });
  await expect(diskFiles.writeText(path("locked"), "new", "old")).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("is read-only"),
  });
  await diskFiles.writeText(path("bom"), "\uFEFFnew");
  expect(["bom", "locked"].map((name) => readFileSync(path(name), "utf8"))).toEqual(["\uFEFFnew", "old"]);
  expect(readdirSync(folder).toSorted()).toEqual(["bom", "locked", "wide"]);
});

posixTest("a file with two names keeps both, and writers by either take turns", async () => {
  const folder = tempFolder({ one: "long old text" });
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  linkSync(one, two);
  await diskFiles.writeText(two, "new", "long old text");
  expect([readFileSync(one, "utf8"), statSync(one).nlink]).toEqual(["new", 2]);
  const ended = await Promise.allSettled([diskFiles.writeText(one, "a", "new"), diskFiles.writeText(two, "b", "new")]);
  expect(ended.map((one) => one.status)).toEqual(["fulfilled", "rejected"]);
  expect(readFileSync(two, "utf8")).toBe("a");
});

test.skipIf(process.getuid?.() !== 0)("a file of another user or group stays theirs", async () => {
  const folder = tempFolder({ user: "old", group: "old", own: "old" });
  const path = (name: string) => join(folder, name);
  chownSync(path("user"), 1000, 1000);
  chownSync(path("group"), 0, 1000);
  const owners = (name: string) => [statSync(path(name)).uid, statSync(path(name)).gid];
  for (const name of ["user", "group", "own"]) await diskFiles.writeText(path(name), "new", "old");
  expect(["user", "group", "own"].map(owners)).toEqual([
    [1000, 1000],
    [0, 1000],
    [0, 0],
  ]);
  await putContent(path("user"), { bytes: Buffer.from("older"), mode: 0o600 });
  expect([readFileSync(path("user"), "utf8"), ...owners("user")]).toEqual(["older", 1000, 1000]);
  expectMode(path("user"), 0o600);
});

test("of many writers who expect the same, one writes", async () => {
  const folder = tempFolder({ a: "0" });
  const path = join(folder, "a");
  for (let round = 0; round < 20; round += 1) {
    const writers = Array.from({ length: 8 }, (_, index) =>
      createDiskFiles().writeText(path, `${round + 1}.${index}`, round === 0 ? "0" : readFileSync(path, "utf8")),
    );
    const ended = await Promise.allSettled(writers);
    expect(ended.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  }
  const gone = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => createDiskFiles().writeText(join(folder, "new"), String(index), null)),
  );
  expect(gone.filter((one) => one.status === "fulfilled")).toHaveLength(1);
});

test("a file that changes after it was read, before another takes its place, is not overwritten", async () => {
  const folder = tempFolder({ "a.txt": "one" });
  const path = join(folder, "a.txt");
  // The new text lies beside it by then: all that was looked at before is long past.
  const watcher = watch(folder, (_, name) => {
    if (name?.endsWith(".tmp")) writeFileSync(path, "the user's");
  });
  try {
    const { stamp } = await diskFiles.readText(path);
    const written = diskFiles.writeText(path, "x".repeat(20_000_000), { text: "one", stamp });
    await expect(written).rejects.toMatchObject({ code: "conflict" });
  } finally {
    watcher.close();
  }
  expect(readFileSync(path, "utf8")).toBe("the user's");
  expect(readdirSync(folder)).toEqual(["a.txt"]);
});

posixTest("nothing is removed from where a folder leads that has become a link", async () => {
  const folder = tempFolder({ "real/a.txt": "a" });
  symlinkSync("real", join(folder, "link"));
  await expect(diskFiles.remove(join(folder, "link", "a.txt"))).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("has become a link to somewhere else"),
  });
  expect(readdirSync(join(folder, "real"))).toEqual(["a.txt"]);
});

test("what the system refuses for a reason of its own is no fault of the tool", async () => {
  const failure = Object.assign(new Error("EIO: i/o error, open"), { code: "EIO", syscall: "open" });
  expect(toAppError(failure, "/a/b")).toMatchObject({
    code: "unavailable",
    message: "/a/b could not be had: the system says EIO",
  });
  const bug = Object.assign(new TypeError("no"), { code: "ERR_INVALID_ARG_TYPE" });
  expect(toAppError(bug, "/a/b")).toBe(bug);
});
