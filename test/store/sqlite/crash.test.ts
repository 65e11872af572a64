import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const children: ChildProcessByStdio<Writable, Readable, null>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Runs a file of this folder as a process of its own, that is told lines and tells lines. */
function start(file: string, ...args: string[]) {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  return { child, lines };
}

describe("kill -9", () => {
  test.each([1, 7, 40, 150, 400])("after %i acknowledged commits: none is lost, none is half there", async (wanted) => {
    const path = scratch();
    const { child, lines } = start("commitLoop.ts", path);
    const acknowledged: number[] = [];
    lines.on("line", (line) => {
      acknowledged.push(Number(line));
      if (acknowledged.length === wanted) child.kill("SIGKILL");
    });
    await once(lines, "close");

    const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
    const eventId = await store.newestEventId();
    const last = acknowledged.at(-1) ?? 0;
    // At most the one commit that was made and not told any more.
    expect(eventId).toBeGreaterThanOrEqual(last * 2);
    expect(eventId).toBeLessThanOrEqual((last + 1) * 2);
    const events = await store.listEvents({ afterId: 0, limit: 100_000 });
    expect(events.map((event) => event.id)).toEqual(Array.from({ length: eventId }, (_, n) => n + 1));
    const runs = await store.listRuns({ limit: 100_000 });
    expect(runs).toHaveLength(eventId / 2);
    expect((await store.getSession("main"))?.messageCount).toBe(eventId / 2);
    expect((await store.listUsage({ sinceDay: "2026-01-01" }))[0]?.requests).toBe(eventId / 2);
    await store.close();
  });
});

describe("several processes", () => {
  test("that race for the lease of a store which none has made yet: one gets it, all know which", async () => {
    const racers = Array.from({ length: 4 }, (_, n) => start("leaseRacer.ts", `nonce-${n}`));
    await Promise.all(racers.map(({ lines }) => once(lines, "line")));
    for (let round = 0; round < 25; round++) {
      const path = scratch();
      const answers = racers.map(async ({ lines }) => String((await once(lines, "line"))[0]));
      for (const { child } of racers) child.stdin.write(`${path}\n`);
      const holders = await Promise.all(answers);
      expect(new Set(holders).size, holders.join(" ")).toBe(1);
      expect(holders[0]).toMatch(/^nonce-\d$/);
    }
    for (const { child } of racers) child.stdin.end();
    await Promise.all(racers.map(({ child }) => once(child, "exit")));
  });
});
