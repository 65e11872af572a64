import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { LineMatcher } from "../../../src/tools/search/lineMatcher.ts";
import { parseSearchPattern } from "../../../src/tools/search/searchPattern.ts";

/** The threads that are started from here on. */
function watchThreads(): Worker[] {
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  return started;
}

const open = (pattern: string, times?: { spareMs?: number; mostMs?: number }) =>
  new LineMatcher(parseSearchPattern(pattern, false), 0, times);

async function linesOf(matcher: LineMatcher, text: string): Promise<string[]> {
  const { lines } = await matcher.match(Buffer.from(text), 9);
  return lines.map((line) => `${line.line} ${line.text}`);
}

async function search(pattern: string, text = "one\ntwo\n"): Promise<string[]> {
  await using matcher = open(pattern);
  return await linesOf(matcher, text);
}

test("one search after another is of its own pattern, in the same thread", async () => {
  await search("x");
  const started = watchThreads();
  expect(await search("one")).toEqual(["1 one"]);
  expect(await search("t.o")).toEqual(["2 two"]);
  expect(started).toHaveLength(0);
});

test("searches side by side have threads of their own, of which one is kept", async () => {
  await search("x");
  const started = watchThreads();
  expect(await Promise.all(["one", "two", "o"].map((pattern) => search(pattern)))).toEqual([
    ["1 one"],
    ["2 two"],
    ["1 one", "2 two"],
  ]);
  expect(started).toHaveLength(2);
  expect(await search("one")).toEqual(["1 one"]);
  expect(started).toHaveLength(2);
});

test("a thread at work, or one that ended, is no other search's", async () => {
  await search("x");
  const started = watchThreads();
  {
    await using left = open("(a+)+$");
    left.match(Buffer.from(`${"a".repeat(40)}b\n`), 1).catch(() => {});
  }
  expect(await search("one")).toEqual(["1 one"]);
  expect(started).toHaveLength(1);
});

test("a thread that nobody needs again ends", async () => {
  await search("x");
  const started = watchThreads();
  let over: Promise<unknown>;
  {
    await using first = open("one", { spareMs: 0 });
    await using second = open("two", { spareMs: 0 });
    expect(await linesOf(first, "one\n")).toEqual(["1 one"]);
    expect(await linesOf(second, "two\n")).toEqual(["1 two"]);
    over = once(started[0]!, "exit");
  }
  await over;
  expect(await search("two")).toEqual(["2 two"]);
  expect(started).toHaveLength(2);
});

test("a thread that a busy machine gives no time to is waited for: what counts is its own work", async () => {
  await search("x");
  const started = watchThreads();
  await using taken = open("x");
  await using matcher = open("(a+)+$", { mostMs: 20 });
  expect(await linesOf(taken, "x\n")).toEqual(["1 x"]);
  const thread = started.at(-1)!;
  let looks = 0;
  thread.cpuUsage = async () => ({ user: (looks += 1) < 4 ? 0 : 30_000, system: 0 });
  await expect(linesOf(matcher, `${"a".repeat(40)}b\n`)).rejects.toMatchObject({ code: "timed_out" });
  expect(looks).toBe(4);
});
