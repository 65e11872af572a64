import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openConfirmed } from "../../src/app/settings/confirmed.ts";
import { posixTest } from "../posix.ts";

function open() {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-confirmed-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const told: string[] = [];
  const path = join(stateDir, "confirmed.json");
  return { path, told, confirmed: openConfirmed(stateDir, { warn: (line) => told.push(line) }) };
}

test.each(["", "[", "{}", "\0\0\0\0"])(
  "a confirmed.json that says %j confirms nothing, is told once, and is written anew",
  async (text) => {
    const { path, told, confirmed } = open();
    writeFileSync(path, text, { mode: 0o600 });
    expect(confirmed.hashes()).toEqual(new Set());
    expect(confirmed.hashes()).toEqual(new Set());
    expect(told).toEqual([`${path} is no JSON list of texts: what was confirmed of workspaces' files is asked again`]);
    await confirmed.add("one");
    expect(confirmed.hashes()).toEqual(new Set(["one"]));
  },
);

test("one that was saved with a byte order mark counts", () => {
  const { path, told, confirmed } = open();
  writeFileSync(path, '\uFEFF["one"]\r\n', { mode: 0o600 });
  expect(confirmed.hashes()).toEqual(new Set(["one"]));
  expect(told).toEqual([]);
});

posixTest("one that others may read confirms nothing and stops nothing; nothing is added to it", async () => {
  const { path, told, confirmed } = open();
  await confirmed.add("one");
  chmodSync(path, 0o644);
  expect(confirmed.hashes()).toEqual(new Set());
  expect(told).toEqual([expect.stringContaining("others can read it (mode 644)")]);
  await expect(confirmed.add("two")).rejects.toThrow("mode 644");
  chmodSync(path, 0o600);
  expect(confirmed.hashes()).toEqual(new Set(["one"]));
});
