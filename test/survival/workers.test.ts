import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { RunRecord } from "../../src/protocol/run.ts";
import type { ModelServerRequest } from "../fakes/modelTurn.ts";
import { echoScript } from "../fakes/modelScript.ts";
import { createReader } from "./reader.ts";
import { openWorkerBench, type WorkerBench, type WorkerProcess } from "./workerBench.ts";

/** A leader and a worker, and a model that hangs where it is told to, until it is let go. */
async function open() {
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const bench = await openWorkerBench({
    async script(request: ModelServerRequest) {
      asked.push(request.text);
      if (request.text.startsWith("hang") && asked.filter((text) => text === request.text).length === 1)
        await gate.promise;
      return echoScript(request);
    },
  });
  onTestFinished(() => bench.close());
  const leader = await bench.start("leader");
  const worker = await bench.start("worker");
  return { bench, leader, worker, asked, letGo: gate.resolve };
}

async function begin(bench: WorkerBench, worker: WorkerProcess, message: string): Promise<string> {
  const sessionKey = await bench.newSession(worker.folder);
  const sent = { message, sessionKey, timeoutSeconds: 0 };
  // Sent again where its answer is lost, or takes too long: it is to be one run all the same.
  const { runId } = await bench.call("/api/sessions/send", sent, { "idempotency-key": sessionKey });
  return String(runId);
}

async function ended(bench: WorkerBench, runId: string): Promise<RunRecord> {
  for (;;) {
    const { run } = (await bench.call(`/api/runs/wait?runId=${runId}&timeoutSeconds=5`)) as { run: RunRecord };
    if (run.state === "finished") return run;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

function newestEvent({ stateDir }: WorkerBench): number {
  const db = new DatabaseSync(join(stateDir, "pincer.db"), { readOnly: true });
  try {
    return Number(db.prepare("SELECT max(id) AS newest FROM events").get()?.["newest"]);
  } finally {
    db.close();
  }
}

/** The lease of one that is dead counts for an hour more: whoever leads next has seen that it is dead. */
function keepLease({ stateDir }: WorkerBench, { pid }: WorkerProcess): void {
  const db = new DatabaseSync(join(stateDir, "pincer.db"), { timeout: 5000 });
  try {
    const kept = "UPDATE leases SET expires_at = ? WHERE json_extract(body, '$.pid') = ?";
    db.prepare(kept).run(Date.now() + 3_600_000, pid);
  } finally {
    db.close();
  }
}

/** A command that says which process ran it. */
const WHO = 'tool:exec {"command":"echo $PPID >> ran.txt"}';
const ran = (folder: string) => readFileSync(join(folder, "ran.txt"), "utf8").trim().split("\n").map(Number);

test("what runs in a worker's folder runs in its process, the rest where the gateway is", async () => {
  const { bench, leader, worker } = await open();
  expect((await bench.leader()).pid).toBe(leader.pid);
  const reader = createReader(bench);
  const [here, there] = [await begin(bench, leader, WHO), await begin(bench, worker, WHO)];
  for (const run of [here, there]) expect((await ended(bench, run)).outcome?.type).toBe("done");
  expect(ran(leader.folder)).toEqual([leader.pid]);
  expect(ran(worker.folder)).toEqual([worker.pid]);
  // What is told and not stored comes from there as well.
  await until(() => reader.events.some(({ type, runId }) => type === "run.finished" && runId === there));
  const types = reader.events.filter(({ runId }) => runId === there).map(({ type }) => type);
  expect(types.indexOf("text.delta")).toBeGreaterThan(types.indexOf("run.started"));
  expect(types.lastIndexOf("text.delta")).toBeLessThan(types.lastIndexOf("message"));
  await reader.close();
});

test("the leader killed, a worker leads at once, and its own run notices nothing", async () => {
  const { bench, leader, worker, asked, letGo } = await open();
  const reader = createReader(bench);
  const run = await begin(bench, worker, "hang on");
  await until(() => asked.includes("hang on"));
  leader.signal("SIGKILL");
  await leader.gone;
  keepLease(bench, leader);
  const next = await bench.leader(leader.pid);
  expect(next.pid).toBe(worker.pid);
  letGo();
  expect(await ended(bench, run)).toMatchObject({ outcome: { type: "done", reply: "Echo: hang on" } });
  expect(asked.filter((text) => text === "hang on")).toHaveLength(1);
  const own = () => reader.events.filter(({ runId, type }) => runId === run && type !== "text.delta");
  await until(() => own().at(-1)?.type === "run.finished");
  expect(own().map(({ type }) => type)).toEqual(["run.started", "message", "message", "usage", "run.finished"]);
  await reader.close();
});

test("a leader that stands still is replaced when its lease has run out, and writes nothing when it wakes", async () => {
  const { bench, leader, worker, asked, letGo } = await open();
  const run = await begin(bench, leader, "hang on");
  await until(() => asked.includes("hang on"));
  await leader.standStill();
  expect((await bench.leader(leader.pid)).pid).toBe(worker.pid);
  // Its run is gone on with elsewhere, where the model is asked again.
  expect(await ended(bench, run)).toMatchObject({ outcome: { type: "done", reply: "Echo: hang on" } });
  expect(asked.filter((text) => text === "hang on")).toHaveLength(2);
  const before = newestEvent(bench);
  leader.signal("SIGCONT");
  letGo();
  await leader.gone;
  expect(newestEvent(bench)).toBe(before);
});

test("a worker killed, its runs are gone on with where the gateway is, and a session of it is emptied", async () => {
  const { bench, worker, asked } = await open();
  const [run, emptied] = [await begin(bench, worker, "hang on"), await begin(bench, worker, "hang too")];
  await until(() => asked.includes("hang on") && asked.includes("hang too"));
  worker.signal("SIGKILL");
  await reset(bench, emptied);
  // Its run may have been gone on with before it was emptied, and never is after.
  const times = (text: string) => asked.filter((one) => one === text).length;
  const before = times("hang too");
  expect(await ended(bench, run)).toMatchObject({ outcome: { type: "done", reply: "Echo: hang on" } });
  expect([times("hang on"), times("hang too")]).toEqual([2, before]);
});

test("a session is stopped, and emptied, though the worker of its run stands still", async () => {
  const { bench, worker, asked } = await open();
  const run = await begin(bench, worker, "hang on");
  await until(() => asked.includes("hang on"));
  await worker.standStill();
  await reset(bench, run);
  const { runs } = (await bench.call("/api/runs/list?states=queued,running")) as { runs: unknown[] };
  expect(runs).toEqual([]);
  expect(asked.filter((text) => text === "hang on")).toHaveLength(1);
  worker.signal("SIGCONT");
});

/** Empties the session of a run. */
async function reset(bench: WorkerBench, runId: string): Promise<void> {
  const { sessionKey } = (await bench.call(`/api/runs/get?runId=${runId}`))["run"] as { sessionKey: string };
  await bench.call("/api/sessions/reset", { sessionKey });
  const { messages } = (await bench.call(`/api/sessions/history?sessionKey=${sessionKey}`)) as { messages: unknown[] };
  expect(messages).toEqual([]);
}
