import type { Store } from "../../src/core/ports/store.ts";
import {
  assistantText,
  batchOf,
  jobOf,
  messageOf,
  runOf,
  sessionOf,
  slotOf,
  START,
  usageOf,
  userText,
} from "./samples.ts";

// What a store holds in which much was done, by the store's own means.

const IN_A_BATCH = 500;

/** A session that so many messages were said in. */
export async function putHistory(store: Store, key: string, size: number): Promise<void> {
  for (let from = 0; from === 0 || from < size; from += IN_A_BATCH) {
    const seqs = Array.from({ length: Math.min(IN_A_BATCH, size - from) }, (_, at) => from + at + 1);
    const run = runOf(`run_${key}_${from}`, key, { state: "finished", outcome: { type: "done", reply: "" } });
    await store.commit(
      batchOf({
        sessions: from === 0 ? [sessionOf(key, { kind: "isolated", messageCount: size })] : [],
        runs: [run],
        events: seqs.map((seq) =>
          messageOf(key, seq, seq, seq % 2 ? userText("Go on.") : assistantText("It goes on."), run.id),
        ),
      }),
    );
  }
}

/** Sessions with a turn each, and what that used. */
export async function putSessions(store: Store, count: number): Promise<void> {
  for (let from = 0; from < count; from += IN_A_BATCH) {
    const keys = Array.from({ length: Math.min(IN_A_BATCH, count - from) }, (_, at) => `s_${from + at}`);
    await store.commit(
      batchOf({
        sessions: keys.map((key) => sessionOf(key, { messageCount: 2 })),
        runs: keys.map((key) =>
          runOf(`run_${key}`, key, { state: "finished", outcome: { type: "done", reply: "Done." } }),
        ),
        events: keys.flatMap((key) => [
          messageOf(key, 1, 1, userText("Something about a file."), `run_${key}`),
          messageOf(key, 2, 2, assistantText("Something was done with it."), `run_${key}`),
        ]),
        usage: keys.map((key) => usageOf("2026-11-22", key)),
        budgets: keys.map((key) => ({ key: `session ${key}`, at: START })),
      }),
    );
  }
}

/** Jobs that fire in a time far away, so that none does meanwhile, each with so many firings behind it. */
export async function putJobs(store: Store, count: number, firings = 0): Promise<void> {
  const numbers = Array.from({ length: count }, (_, at) => at);
  await store.commit(
    batchOf({
      jobs: numbers.map((at) => ({
        put: jobOf(`job_${at}`, { schedule: { kind: "at", at: "2999-01-01T00:00:00.000Z" } }),
      })),
      claims: numbers.flatMap((at) =>
        Array.from({ length: firings }, (_, firing) => slotOf(`job_${at}`, firing, { status: "ok" })),
      ),
    }),
  );
}
