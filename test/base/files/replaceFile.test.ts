import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { replaceFile } from "../../../src/base/files/replaceFile.ts";
import { whileHeld } from "../../../src/base/files/whileHeld.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pincer-replace-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: rename`), { code });
}

/** Fails so many times as a file that another program has open, and then does not. */
function held(times: number, code = "EPERM") {
  let tries = 0;
  const work = () => {
    tries += 1;
    if (tries <= times) throw fault(code);
    return "done";
  };
  return { work, tries: () => tries };
}

test.each(["EPERM", "EBUSY", "EACCES"])(
  "what another program holds (%s) is tried again until it lets go",
  async (code) => {
    const file = held(4, code);
    expect(await whileHeld("/a/gateway.json", file.work, { platform: "win32" })).toBe("done");
    expect(file.tries()).toBe(5);
  },
);

test("one that let go while the machine stood still is had, though the time is over", async () => {
  expect(await whileHeld("/a/gateway.json", held(4).work, { platform: "win32", ms: 0 })).toBe("done");
});

test("one that never lets go is told after a while, by the file's name", async () => {
  const file = held(Infinity, "EBUSY");
  await expect(whileHeld("/a/gateway.json", file.work, { ms: 200 })).rejects.toMatchObject({
    code: "unavailable",
    message:
      "/a/gateway.json was held by another program for 0.2 s (EBUSY); which one is not known here: perhaps a virus scanner, an editor or a backup",
  });
  expect(file.tries()).toBeGreaterThan(3);
});

test("what waiting does not change is passed on at once", async () => {
  for (const [code, platform] of [
    ["ENOSPC", "win32"],
    ["EPERM", "linux"],
    ["EACCES", "darwin"],
  ] as const) {
    const file = held(Infinity, code);
    await expect(whileHeld("/a", file.work, { platform })).rejects.toMatchObject({ code });
    expect(file.tries()).toBe(1);
  }
});

test("a file is replaced whole, with its mode, and nothing lies beside it", async () => {
  const file = join(folder, "token");
  await replaceFile(file, "one", 0o600);
  await replaceFile(file, "two", 0o600);
  expect(readFileSync(file, "utf8")).toBe("two");
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["token"]);
});

test("what cannot be written is said with its name and the reason", async () => {
  mkdirSync(join(folder, "token"));
  await expect(replaceFile(join(folder, "token"), "one", 0o600)).rejects.toMatchObject({
    code: "unavailable",
    message: `${join(folder, "token")} could not be written: there is a folder of that name`,
  });
  await expect(replaceFile(join(folder, "none/token"), "one", 0o600)).rejects.toThrow(
    "could not be written: its folder is not there",
  );
  expect(readdirSync(folder)).toEqual(["token"]);
});

test("a name as long as names can be has room for the text that takes its place", async () => {
  const path = join(folder, `${"ü".repeat(125)}.txt`);
  await replaceFile(path, "one", 0o600);
  await replaceFile(path, "two", 0o600);
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readdirSync(folder)).toHaveLength(1);
});
