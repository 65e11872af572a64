import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createOutFileStore } from "../../../src/base/files/outFileStore.ts";
import { fileName } from "../../../src/base/files/fileName.ts";

const HOUR = 3_600_000;

test("copies are there until they are dropped; of one owner's, those that nothing names go after an hour", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-copies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let later = 0;
  const copies = createOutFileStore(join(folder, "outbox"), () => Date.now() + later);
  expect(await copies.read("telegram-000000000000000000000000")).toBeUndefined();
  const [named, loose, dropped] = [
    await copies.keep("telegram", Buffer.from("named")),
    await copies.keep("telegram", Buffer.from("loose")),
    await copies.keep("telegram", Buffer.from("dropped")),
  ];
  const other = await copies.keep("discord", Buffer.from("other"));
  await copies.drop(dropped);
  await copies.tidy("telegram", new Set([named]));
  expect(readdirSync(join(folder, "outbox")).toSorted()).toEqual([named, loose, other].toSorted());
  later = 2 * HOUR;
  await copies.tidy("telegram", new Set([named]));
  expect(readdirSync(join(folder, "outbox")).toSorted()).toEqual([named, other].toSorted());
  expect((await copies.read(named))?.toString()).toBe("named");
  if (process.platform !== "win32") expect(statSync(join(folder, "outbox", named)).mode & 0o777).toBe(0o600);
  // An id comes out of a row, and leads nowhere else.
  expect(await copies.read(`../outbox/${named}`)).toBeUndefined();
});

test.each([
  ["../../etc/passwd", "passwd"],
  ["C:\\a\\b.txt", "b.txt"],
  ["a\nb\u202e.txt", "a_b_.txt"],
  ["..", "file"],
  ["/", "file"],
  [" .env", ".env"],
  [`${"é".repeat(200)}.tar`, `${"é".repeat(116)}.tar`],
  ["😀".repeat(100), "😀".repeat(60)],
])("%j goes out as %j", (path, shown) => {
  expect(fileName(path)).toBe(shown);
});
