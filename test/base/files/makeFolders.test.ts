import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolders, makeFoldersNow } from "../../../src/base/files/makeFolders.ts";
import { posixTest } from "../../posix.ts";

const SOURCE = new URL("../../../src/", import.meta.url).href;

/** What a process of its own says that is given two seconds of a core. */
function inTwoSeconds(work: string): string {
  const script = 'ulimit -t 2; exec "$1" --input-type=module -e "$2"';
  return spawnSync("sh", ["-c", script, "sh", process.execPath, work], { encoding: "utf8" }).stdout.trim();
}

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), "pincer-folders-")));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test.runIf(process.platform === "linux").each(["/proc/1/pincer", "/proc/self/a/b"])(
  "a folder that takes none, as for %s, ends it with the system's reason",
  (path) => {
    const load = `const { makeFolders, makeFoldersNow } = await import("${SOURCE}base/files/makeFolders.ts");`;
    const say = "catch (error) { console.log(error.code); }";
    expect(inTwoSeconds(`${load} try { makeFoldersNow("${path}"); } ${say}`)).toBe("ENOENT");
    expect(inTwoSeconds(`${load} try { await makeFolders("${path}"); } ${say}`)).toBe("ENOENT");
  },
);

test.runIf(process.platform === "linux")("a state folder that cannot be had is told at once", () => {
  const load = `const { makePrivateFolder } = await import("${SOURCE}config/privateFile.ts");`;
  const said = inTwoSeconds(
    `${load} try { makePrivateFolder("/proc/1/.pincer"); } catch (error) { console.log(error.message); }`,
  );
  expect(said).toBe("/proc/1/.pincer could not be written: nothing can be made in its folder");
});

const ways = [
  ["at once", async (path: string, mode?: number) => void makeFoldersNow(path, mode)],
  ["meanwhile", makeFolders],
] as const;

for (const [name, make] of ways) {
  test(`all that are missing are made, ${name}, and what is there is let be`, async () => {
    const top = folder();
    await make(join(top, "a/b/c"));
    await make(join(top, "a/b/c"));
    await make(join(top, "a/d"));
    expect(["a/b/c", "a/d"].map((each) => statSync(join(top, each)).isDirectory())).toEqual([true, true]);
  });

  test(`a file in the way is told, ${name}`, async () => {
    const top = folder();
    writeFileSync(join(top, "file"), "");
    await expect(make(join(top, "file"))).rejects.toMatchObject({ code: "EEXIST" });
    // Windows says of it that it is there.
    await expect(make(join(top, "file/a/b"))).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTDIR|EEXIST)$/) as string,
    });
  });

  posixTest(`their mode is that which is asked for, ${name}, and one that is there keeps its own`, async () => {
    const top = folder();
    mkdirSync(join(top, "a"), { mode: 0o755 });
    await make(join(top, "a/b/c"), 0o700);
    expect(["a", "a/b", "a/b/c"].map((each) => statSync(join(top, each)).mode & 0o777)).toEqual([0o755, 0o700, 0o700]);
  });

  posixTest(`a link to what is not there is named, ${name}`, async () => {
    const top = folder();
    symlinkSync(join(top, "away"), join(top, "link"));
    await expect(make(join(top, "link/a"))).rejects.toThrow(`${top}/link is a link to ${top}/away, which is not there`);
    expect(existsSync(join(top, "away"))).toBe(false);
  });
}

test("whether this very folder was made is told", () => {
  const top = folder();
  expect([makeFoldersNow(join(top, "a/b")), makeFoldersNow(join(top, "a/b")), makeFoldersNow(top)]).toEqual([
    true,
    false,
    false,
  ]);
});
