import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { newSession, openSurvivalBench } from "./bench.ts";
import { standStill } from "./standStill.ts";

test("a gateway that stood still for longer than its lease writes no more and steps down", async () => {
  const asked: string[] = [];
  const release = Promise.withResolvers<void>();
  const bench = await openSurvivalBench({
    async script({ text }) {
      asked.push(text);
      // The first gateway's request hangs over its pause.
      if (asked.length === 1) await release.promise;
      return { text: asked.length === 1 ? "late" : `Done: ${text}` };
    },
  });
  try {
    const first = await bench.start();
    const sessionKey = await newSession(first);
    const { runId } = await first.call("/api/sessions/send", { message: "go", sessionKey, timeoutSeconds: 0 });
    while (asked.length === 0) await sleep(20);
    await standStill(first.pid, bench.stateDir);
    // Its lease and its claim count for five seconds.
    const second = await until(() => bench.start());
    const ended = await second.call(`/api/runs/wait?runId=${String(runId)}&timeoutSeconds=30`);
    expect(ended).toMatchObject({ run: { state: "finished", outcome: { type: "done", reply: "Done: go" } } });
    const before = await second.call(`/api/sessions/history?sessionKey=${sessionKey}&limit=100`);
    process.kill(first.pid, "SIGCONT");
    release.resolve();
    const after = await first
      .ask("/api/sessions/send", { message: "to the old one", sessionKey })
      .catch(() => undefined);
    expect(after?.status ?? 503).not.toBe(200);
    await gone(first.pid);
    expect(await second.call(`/api/sessions/history?sessionKey=${sessionKey}&limit=100`)).toEqual(before);
    expect(await second.call("/api/sessions/send", { message: "on", sessionKey })).toMatchObject({
      reply: "Done: on",
    });
  } finally {
    await bench.close();
  }
});

/** Tries again while another gateway still has the lease. */
async function until<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!String(error).includes("A gateway already runs")) throw error;
    }
  }
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(50);
  }
}
