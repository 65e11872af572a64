import { existsSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf, openContents } from "../../../src/store/checkpoints/contents.ts";
import { prune } from "../../../src/store/checkpoints/prune.ts";
import { openRunLogs } from "../../../src/store/checkpoints/runLog.ts";
import { tempFolder } from "../../tools/toolContext.ts";

const DAY = 86_400_000;

async function open() {
  const folder = tempFolder();
  const contents = openContents(join(folder, "contents"));
  const logs = openRunLogs(join(folder, "runs"));
  const now = Date.now();
  const place = (digest: string) => join(folder, "contents", digest.slice(0, 2), digest);
  return {
    folder,
    contents,
    logs,
    now,
    place,
    /** A run of some days ago that changed a file of this text. */
    async run(runId: string, text: string, days: number) {
      const digest = await contents.put(Buffer.from(text));
      await logs.append({ sessionKey: "a/b", runId }, { path: "/ws/f", before: { digest, mode: 0o644 } });
      const at = (now - days * DAY) / 1000;
      utimesSync(join(folder, "runs", "a%2Fb", `${runId}.jsonl`), at, at);
      utimesSync(place(digest), at, at);
      return digest;
    },
  };
}

test("the same content is there once, compressed, for its owner alone", async () => {
  const { contents, place } = await open();
  const bytes = Buffer.from("same ".repeat(10_000));
  const digest = await contents.put(bytes);
  expect(await contents.put(bytes)).toBe(digest);
  expect(digest).toBe(digestOf(bytes));
  expect(readFileSync(place(digest)).length).toBeLessThan(1000);
  expect(await contents.get(digest)).toEqual(bytes);
});

test("a content that is damaged is none", async () => {
  const { contents, place } = await open();
  const digest = await contents.put(Buffer.from("whole"));
  writeFileSync(place(digest), "half");
  expect(await contents.get(digest)).toBeUndefined();
});

test("what is too old goes, with the contents that nobody else names", async () => {
  const { run, logs, contents, now } = await open();
  await run("old", "only the old one", 20);
  const shared = await run("older", "shared", 21);
  await run("new", "shared", 1);
  expect(await prune({ logs, contents }, { days: 14, megabytes: 500 }, now)).toBe(2);
  expect((await logs.list()).map(({ run: { runId } }) => runId)).toEqual(["new"]);
  expect((await contents.list()).map(({ digest }) => digest)).toEqual([shared]);
});

test("beyond the size the oldest go, and no more than have to", async () => {
  const { run, logs, contents, now } = await open();
  const noise = (seed: number) =>
    Array.from({ length: 60_000 }, (_, at) => ((at * 7919 + seed * 104_729) % 1_000_003).toString(36)).join("");
  for (const [at, runId] of ["one", "two", "three"].entries()) await run(runId, noise(at), 3 - at);
  const [size] = (await contents.list()).map(({ bytes }) => bytes);
  expect(size).toBeGreaterThan(100_000);
  await prune({ logs, contents }, { days: 14, megabytes: (size! * 2.5) / 1_000_000 }, now);
  expect((await logs.list()).map(({ run: { runId } }) => runId).toSorted()).toEqual(["three", "two"]);
});

test("a content that was put just now is not taken for one that nobody names", async () => {
  const { contents, logs, now, place } = await open();
  const digest = await contents.put(Buffer.from("not named yet"));
  await prune({ logs, contents }, { days: 14, megabytes: 500 }, now);
  expect(existsSync(place(digest))).toBe(true);
});

test("a content that is put again while all is read stays, and one that is just being put is in nobody's way", async () => {
  const { run, contents, logs, now, place } = await open();
  const digest = await run("old", "again", 20);
  await run("older", "not again", 21);
  // A dangling link is there as little as what has its own name by now.
  symlinkSync("gone", `${place(digest)}.new`);
  const list = async () => {
    const found = await contents.list();
    await contents.put(Buffer.from("again"));
    return found;
  };
  await prune({ logs, contents: { ...contents, list } }, { days: 14, megabytes: 500 }, now);
  expect((await contents.list()).map((one) => one.digest)).toEqual([digest]);
});

test("a line that was cut off with its process, and odd lines, are passed over", async () => {
  const { run, logs, folder } = await open();
  const digest = await run("r", "text", 0);
  const file = join(folder, "runs", "a%2Fb", "r.jsonl");
  writeFileSync(file, `${readFileSync(file, "utf8")}{"path": 3}\nnull\n{"path":"/ws/g","bef`);
  const ref = { sessionKey: "a/b", runId: "r" };
  const first = { path: "/ws/f", before: { digest, mode: 0o644 } };
  expect(await logs.read(ref)).toEqual([first]);
  // The run goes on behind it.
  await logs.append(ref, { path: "/ws/g", before: null });
  expect(await logs.read(ref)).toEqual([first, { path: "/ws/g", before: null }]);
});
