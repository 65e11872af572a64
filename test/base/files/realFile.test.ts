import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRealFile, readRealFile } from "../../../src/base/files/realFile.ts";
import { realPath } from "../../../src/base/files/realPath.ts";

/** `real/a.txt`; `link.txt`, which leads there, and `folder`, which leads to `real`. */
function place(): string {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-real-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real", "a.txt"), "a");
  symlinkSync("real/a.txt", join(root, "link.txt"));
  symlinkSync("real", join(root, "folder"), "dir");
  return root;
}

// Each of these guards would be covered by the other one, were it not for what it says.
test.skipIf(process.platform === "win32")("a last link is refused by the system itself", async () => {
  const path = join(place(), "link.txt");
  await expect(openRealFile(path, "read")).rejects.toMatchObject({ code: "forbidden", message: `${path} is a link` });
});

test("a link above is noticed when the file is open, and what was made there is gone", async () => {
  const root = place();
  const changed = { code: "forbidden", message: expect.stringContaining("changed into something else") };
  await expect(openRealFile(join(root, "folder", "a.txt"), "read")).rejects.toMatchObject(changed);
  await expect(openRealFile(join(root, "folder", "b.txt"), "create")).rejects.toMatchObject(changed);
  expect(readdirSync(join(root, "real"))).toEqual(process.platform === "linux" ? ["a.txt"] : expect.any(Array));
});

test.runIf(process.platform === "linux")(
  "a file that has more in it than its size says is read up to the bound, and is too large",
  async () => {
    // As one that grows while it is read: its size is 0.
    await expect(readRealFile("/proc/cpuinfo", 20)).rejects.toMatchObject({ code: "payload_too_large" });
    expect((await readRealFile("/proc/sys/kernel/ostype", 20)).toString()).toBe("Linux\n");
  },
);
