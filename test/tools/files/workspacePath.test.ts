import { mkdirSync, symlinkSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as fc from "../../property.ts";
import { expect, test } from "vitest";
import { isInside } from "../../../src/base/files/isInside.ts";
import { toWorkspacePath, windowsTrick } from "../../../src/tools/files/workspacePath.ts";
import { isAppError } from "../../../src/base/appError.ts";
import { tempFolder } from "../toolContext.ts";
import { posixTest } from "../../posix.ts";

function grounds(): { inside: string; outside: string } {
  const base = tempFolder({
    "ws/a.txt": "a",
    "ws/src/b.ts": "b",
    "ws-sibling/secret": "s",
    "out/secret": "s",
  });
  const inside = join(base, "ws");
  const outside = join(base, "out");
  symlinkSync("a.txt", join(inside, "good"));
  symlinkSync("src", join(inside, "goodFolder"));
  symlinkSync(outside, join(inside, "bad"));
  symlinkSync("../out/secret", join(inside, "badFile"));
  symlinkSync(join(outside, "nothing"), join(inside, "dangling"));
  symlinkSync("loopB", join(inside, "loopA"));
  symlinkSync("loopA", join(inside, "loopB"));
  symlinkSync("bad", join(inside, "chain"));
  return { inside, outside };
}

test("paths that stay inside, with no link among them", async () => {
  const inside = tempFolder({ "a.txt": "a", "src/b.ts": "b" });
  const cases: [string, string, boolean][] = [
    ["", ".", true],
    ["./src/../a.txt", "a.txt", true],
    [join(inside, "src", "b.ts"), "src/b.ts", true],
    ["new/deep/file", "new/deep/file", false],
    ["a.txt/below", "a.txt/below", false],
    ["..hidden", "..hidden", false],
  ];
  for (const [path, shown, exists] of cases)
    expect(await toWorkspacePath(inside, path)).toEqual({ real: join(inside, shown), shown, exists });
});

test("paths that lead out are forbidden, with no link among them", async () => {
  const base = tempFolder({ "ws/a.txt": "a", "ws-sibling/secret": "s", "out/secret": "s" });
  const inside = join(base, "ws");
  const out = ["..", "../out/secret", "x/../../out/secret", `${inside}-sibling`, "/etc/passwd", "/", join(base, "out")];
  for (const path of out)
    await expect(toWorkspacePath(inside, path), path).rejects.toMatchObject({ code: "forbidden" });
});

posixTest("paths that stay inside", async () => {
  const { inside } = grounds();
  const cases: [string, string, boolean][] = [
    [".", ".", true],
    ["", ".", true],
    ["a.txt", "a.txt", true],
    ["./src/../a.txt", "a.txt", true],
    ["src/b.ts", "src/b.ts", true],
    [join(inside, "src/b.ts"), "src/b.ts", true],
    ["good", "a.txt", true],
    ["goodFolder/b.ts", "src/b.ts", true],
    ["goodFolder/new.ts", "src/new.ts", false],
    ["new/deep/file", "new/deep/file", false],
    ["a.txt/below", "a.txt/below", false],
    ["..hidden", "..hidden", false],
    ["~/x", "~/x", false],
  ];
  for (const [path, shown, exists] of cases) {
    expect(await toWorkspacePath(inside, path)).toEqual({ real: join(inside, shown), shown, exists });
  }
});

posixTest("paths that lead out are forbidden", async () => {
  const { inside, outside } = grounds();
  for (const path of [
    "..",
    "../out/secret",
    "src/../../out/secret",
    "../ws-sibling/secret",
    "/etc/passwd",
    "/",
    outside,
    join(outside, "secret"),
    "bad",
    "bad/secret",
    "bad/new",
    "badFile",
    "dangling",
    "dangling/x",
    "loopA",
    "loopA/x",
    "chain/secret",
    "goodFolder/../../out/secret",
    `${inside}-sibling/secret`,
  ]) {
    await expect(toWorkspacePath(inside, path), path).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("a NUL and a missing workspace are refused", async () => {
  const inside = tempFolder();
  await expect(toWorkspacePath(inside, "a.txt\0.png")).rejects.toMatchObject({ code: "bad_request" });
  await expect(toWorkspacePath("", "a.txt")).rejects.toMatchObject({ code: "bad_request" });
});

posixTest("whatever is written, the result is inside and real", async () => {
  const { inside } = grounds();
  mkdirSync(join(inside, "src/deep"));
  const piece = fc.constantFrom(
    "..",
    ".",
    "",
    "src",
    "deep",
    "bad",
    "good",
    "goodFolder",
    "dangling",
    "a.txt",
    "new",
    "/",
    "~",
    "loopA",
    "ws",
    "\\",
    "chain",
  );
  const path = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("/")),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(path, async (path) => {
      try {
        const found = await toWorkspacePath(inside, path);
        expect(isInside(inside, found.real)).toBe(true);
        if (found.exists) expect(await realpath(found.real)).toBe(found.real);
      } catch (error) {
        if (!isAppError(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["/ws", "/ws", true],
  ["/ws", "/ws/a", true],
  ["/ws", "/wsx", false],
  ["/ws", "/w", false],
  ["/", "/anything", true],
])("isInside(%s, %s) is %s", (folder, path, expected) => {
  // On a drive, where there are drives.
  expect(isInside(resolve(folder), resolve(path))).toBe(expected);
});

test.each([
  ["C:\\work\\a.txt", undefined],
  ["src/a.txt", undefined],
  ["..\\a", undefined],
  ["a.txt:hidden", "an alternate data stream"],
  ["C:\\a.txt::$DATA", "an alternate data stream"],
  ["\\\\?\\C:\\a", "a device path"],
  ["//./pipe/x", "a device path"],
  ["\\\\server\\share\\a", "a network path"],
  ["src/NUL", "a device"],
  ["con.txt", "a device"],
  ["COM1", "a device"],
  ["console.ts", undefined],
  ["src/*.ts", 'no name on Windows, which has no "*" in names'],
  ['a"b', 'no name on Windows, which has no "\\"" in names'],
  [".git.", "a name that Windows shortens"],
  [".env /x", "a name that Windows shortens"],
])("on Windows %s is %s", (path, trick) => {
  expect(windowsTrick(path)).toBe(trick);
});

test.each([
  ["\\\\nas\\team\\app\\src\\a.ts", undefined],
  ["//NAS/Team/App/src/a.ts", undefined],
  ["\\\\nas\\team\\app", undefined],
  ["\\\\nas\\team\\app\\src\\..\\..\\other\\a.ts", "a network path"],
  ["\\\\nas\\team\\apples\\a.ts", "a network path"],
  ["\\\\evil\\team\\app\\a.ts", "a network path"],
  ["\\\\nas\\team\\app\\nul", "a device"],
  ["\\\\nas\\team\\app\\a:b", "an alternate data stream"],
  ["\\\\?\\UNC\\nas\\team\\app\\a.ts", "a device path"],
])("in a workspace on the network %s is %s", (path, trick) => {
  for (const workspace of ["\\\\nas\\team\\app", "\\\\NAS\\team\\App\\"])
    expect(windowsTrick(path, workspace)).toBe(trick);
  expect(windowsTrick("\\\\nas\\team\\app\\a.ts", "C:\\app")).toBe("a network path");
});

test.runIf(process.platform === "linux")(
  "a name that is spelled otherwise on the disk is the same file, unless there are two",
  async () => {
    const [composed, apart] = ["caf\u00e9", "cafe\u0301"];
    const folder = tempFolder({
      [`${apart}/a.txt`]: "",
      "Shot 10.04\u202fPM.png": "",
      "it\u2019s": "",
      "two\u00a0x": "",
      "two\u202fx": "",
    });
    const found = async (path: string) => {
      const { shown, exists } = await toWorkspacePath(folder, path);
      return [shown, exists];
    };
    expect(await found(`${composed}/a.txt`)).toEqual([`${apart}/a.txt`, true]);
    expect(await found(`${composed}/new.txt`)).toEqual([`${apart}/new.txt`, false]);
    expect(await found("Shot 10.04 PM.png")).toEqual(["Shot 10.04\u202fPM.png", true]);
    expect(await found("it's")).toEqual(["it\u2019s", true]);
    expect(await found("two x")).toEqual(["two x", false]);
    expect(await toWorkspacePath(folder, "it's", true)).toMatchObject({ shown: "it's", exists: false });
  },
);
