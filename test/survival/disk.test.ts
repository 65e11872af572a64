import { rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import { newSession, openSurvivalBench } from "./bench.ts";
import { fill, mountDisk, unmount } from "./smallDisk.ts";

test("a full disk is a clear 503, and nothing acknowledged is lost", async ({ skip }) => {
  const disk = mountDisk(6);
  if (!disk) return skip("only root may mount a disk that is small enough to fill");
  const release = Promise.withResolvers<void>();
  const bench = await openSurvivalBench({
    stateDir: join(disk, "home"),
    async script({ text }) {
      if (text === "slow") await release.promise;
      return { text: `Done: ${text}` };
    },
  });
  try {
    let gateway = await bench.start();
    const sessionKey = await newSession(gateway);
    const acknowledged: string[] = [];
    const send = async (message: string) => {
      const answer = await gateway.ask("/api/sessions/send", { message, sessionKey });
      if (answer.status === 200) acknowledged.push(message);
      return answer;
    };
    expect((await send("before")).status).toBe(200);

    // A run is under way when the disk fills up, and ends while it is full.
    const [busy, idle] = [await newSession(gateway), await newSession(gateway)];
    const slow = await gateway.call("/api/sessions/send", { message: "slow", sessionKey: busy, timeoutSeconds: 0 });
    const ballast = join(disk, "ballast");
    fill(ballast);
    release.resolve();
    const refused = await untilRefused(send);
    expect(refused).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
    expect((refused.body["error"] as { message: string }).message).toMatch(/disk is full|ENOSPC/i);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    // What needs a session's lane is answered, too. A little room may be left for it.
    expect([200, 503]).toContain((await gateway.ask("/api/sessions/reset", { sessionKey: idle })).status);
    expect(await textsOf(gateway, sessionKey)).toEqual(expect.arrayContaining(acknowledged));

    rmSync(ballast);
    await untilTaken(send);
    expect(await gateway.call(`/api/runs/wait?runId=${String(slow["runId"])}&timeoutSeconds=40`)).toMatchObject({
      run: { state: "finished", outcome: { type: "done", reply: "Done: slow" } },
    });

    // Killed while the disk is full again: what is there afterwards is what was acknowledged.
    fill(ballast);
    await untilRefused(send);
    await gateway.kill();
    rmSync(ballast);
    gateway = await bench.start();
    expect((await send("after")).status).toBe(200);
    const texts = await textsOf(gateway, sessionKey);
    expect(texts).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(texts).size).toBe(texts.length);
  } finally {
    await bench.close();
    unmount(disk);
  }
});

test(
  "whoever waits on a disk that is nearly full is answered by name, and what was taken goes on by itself",
  { timeout: 120_000 },
  async ({ skip }) => {
    const disk = mountDisk(6);
    if (!disk) return skip("only root may mount a disk that is small enough to fill");
    const bench = await openSurvivalBench({
      stateDir: join(disk, "home"),
      script: async ({ text }) => ({ text: `Done: ${text.length}` }),
    });
    try {
      const gateway = await bench.start();
      const keys = await Promise.all(Array.from({ length: 7 }, () => newSession(gateway)));
      const ballast = join(disk, "ballast");
      let waited = 0;
      const refused: string[] = [];
      // What was not taken, and what was taken and could not be ended.
      const met = [/nothing was stored/, /is stored and goes on as soon/];
      const isMissing = () => met.some((words) => !refused.some((message) => words.test(message)));
      // Each leaves a little more room, until there was enough to take a message in, and not enough to end its run. How much that is
      // lies with how many messages are stored in one piece.
      for (let room = 5; isMissing(); room += 3) {
        expect(room).toBeLessThan(200);
        fill(ballast);
        truncateSync(ballast, Math.max(0, statSync(ballast).size - room * 4096));
        const answers = await Promise.all(
          keys.map(async (sessionKey, at) => {
            const began = performance.now();
            const message = "m".repeat(at * 700 + 1);
            const answer = await gateway.ask("/api/sessions/send", { message, sessionKey });
            waited = Math.max(waited, performance.now() - began);
            return answer;
          }),
        );
        for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
          expect({ status, body }).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
          refused.push((body["error"] as { message: string }).message);
          expect(refused.at(-1)).toMatch(/disk is full/i);
        }
      }
      // Not as long as a sender waits by itself.
      expect(waited).toBeLessThan(100_000);
      rmSync(ballast);
      for (const sessionKey of keys) {
        const { runs } = (await gateway.call(`/api/runs/list?sessionKey=${sessionKey}&limit=100`)) as {
          runs: { runId: string }[];
        };
        for (const { runId } of runs) {
          const ended = await gateway.call(`/api/runs/wait?runId=${runId}&timeoutSeconds=40`);
          expect(ended).toMatchObject({ run: { state: "finished" } });
        }
      }
      const { status } = await gateway.ask("/api/sessions/send", { message: "after", sessionKey: keys[0] });
      expect(status).toBe(200);
    } finally {
      await bench.close();
      unmount(disk);
    }
  },
);

type Send = (message: string) => ReturnType<GatewayProcess["ask"]>;
let sent = 0;

/** What is written already may leave a little room: sends until there is none. */
async function untilRefused(send: Send): Promise<Awaited<ReturnType<Send>>> {
  for (;;) {
    const answer = await send(`message ${++sent} ${"x".repeat(20_000)}`);
    if (answer.status !== 200) return answer;
  }
}

async function untilTaken(send: Send): Promise<void> {
  while ((await send(`message ${++sent}`)).status !== 200) await sleep(100);
}

async function textsOf(gateway: GatewayProcess, sessionKey: string): Promise<string[]> {
  const { messages } = (await gateway.call(`/api/sessions/history?sessionKey=${sessionKey}&limit=1000`)) as {
    messages: { role: string; text: string }[];
  };
  return messages.filter(({ role }) => role === "user").map(({ text }) => text);
}
