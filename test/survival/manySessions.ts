import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { assistantText, batchOf, messageOf, runOf, sessionOf, userText } from "../store/samples.ts";
import { openSurvivalBench } from "./bench.ts";

const AT_ONCE = 500;
const TEXT = "Something that was said about a file in the workspace. ".repeat(10);

/** Times from spawn to serving on a store of many sessions, after kills with -9 in the middle of a run, in milliseconds. */
export async function startWithMany(sessions: number, rounds: number): Promise<number[]> {
  const bench = await openSurvivalBench({
    script: () => ({ text: "Half an answer.", fault: { kind: "stall", at: "stream" } }),
  });
  try {
    const store = await openSqliteStore({
      path: join(bench.stateDir, "pincer.db"),
      clock: systemClock,
      log: silentLog,
    });
    for (let from = 0; from < sessions; from += AT_ONCE) {
      const keys = Array.from({ length: AT_ONCE }, (_, at) => `s_${from + at}`);
      await store.commit(
        batchOf({
          sessions: keys.map((key) => sessionOf(key, { messageCount: 2 })),
          runs: keys.map((key) =>
            runOf(`run_${key}`, key, { state: "finished", outcome: { type: "done", reply: TEXT } }),
          ),
          events: keys.flatMap((key, at) => {
            const id = 2 * (from + at) + 1;
            return [messageOf(key, id, 1, userText(TEXT)), messageOf(key, id + 1, 2, assistantText(TEXT))];
          }),
        }),
      );
    }
    await store.close();
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const gateway = await bench.start();
      times.push(gateway.startMs);
      await gateway.call("/api/sessions/send", { message: "Go.", sessionKey: `s_${round}`, timeoutSeconds: 0 });
      await bench.model.received(round + 1);
      await gateway.kill();
    }
    return times;
  } finally {
    await bench.close();
  }
}
