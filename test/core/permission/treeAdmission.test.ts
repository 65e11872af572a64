import { expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../../../src/core/ports/provider.ts";
import type { RunRecord } from "../../../src/protocol/run.ts";
import { cron, sessionsSend, sessionsSpawn } from "../../../src/tools/index.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, type BenchOptions, openBench } from "../bench.ts";

const origin = { via: "api" as const };
const tools = [cron, sessionsSend, sessionsSpawn];

/** Every first request of a run is answered with these calls, and the one after them, or after a result, with "done". */
function always(calls: (request: ModelRequest) => ModelEvent[], to = ["user"]): Turn[] {
  const turn: Turn = (request) => (to.includes(request.messages.at(-1)!.role) ? calls(request) : ["done"]);
  return Array.from({ length: 3000 }, () => turn);
}

const spawns = (count: number) =>
  Array.from({ length: count }, (_, index) => call("sessions_spawn", { task: `part ${index}` }, `c${index}`));

/** Runs "go" in main, and all that comes of it. */
async function go(options: BenchOptions): Promise<Bench & { runs: RunRecord[]; told: string[] }> {
  const bench = await openBench({ ...options, tools });
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" })
  ).outcome;
  return { ...bench, ...(await ended(bench)) };
}

async function ended({ core }: Bench): Promise<{ runs: RunRecord[]; told: string[] }> {
  for (;;) {
    const open = await core.runs.list({ states: ["queued", "running"], limit: 1000 });
    if (open.length === 0) break;
    await Promise.all(open.map(({ id }) => core.runs.wait(id, 60_000)));
  }
  const runs = await core.runs.list({ limit: 1000 });
  const keys = [...new Set(runs.map(({ sessionKey }) => sessionKey))];
  const pages = await Promise.all(keys.map((key) => core.sessions.history(key, { limit: 200, includeTools: true })));
  return {
    // What only brings a result counts nowhere.
    runs: runs.filter(({ continues }) => continues === undefined),
    told: pages.flatMap(({ messages }) => messages.flatMap((one) => (one.role === "tool" ? [one.text] : []))),
  };
}

const refused = (told: string[], words: string) => told.filter((text) => text.includes(words));
const deepest = (runs: RunRecord[]) => Math.max(...runs.map(({ place }) => place?.depth ?? 0));

test("of a hundred spawns in one answer, sixteen run at once and the others are told why not", async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const turn: Turn = ({ messages }) => {
    const last = messages.at(-1)!;
    if (last.text === "go") return spawns(100);
    // Asked for when each of them was answered.
    if (last.role !== "user") return (gate.resolve(), ["done"]);
    begun += 1;
    return [{ wait: gate.promise }, "part"];
  };
  const { runs, told } = await go({ turns: Array.from({ length: 200 }, () => turn) });
  expect(begun).toBe(16);
  expect(runs).toHaveLength(17);
  expect(
    refused(told, "16 at once is the limit (agent.maxRunning). Wait until one has ended, or do this here."),
  ).toHaveLength(84);
});

test.each([
  ["spawns itself for ever", ["user"]],
  ["spawns more at each result", ["user", "system"]],
])("a sub-agent that %s ends at the total of its tree", async (_name, to) => {
  const settings = { tree: { depth: 1000, running: 16, runs: 60, chain: 1000 } };
  const { runs, told } = await go({ settings, turns: always(() => spawns(2), to) });
  expect(runs).toHaveLength(61);
  expect(refused(told, "One message may lead to 60 runs in other sessions (agent.maxRuns)")).not.toHaveLength(0);
});

test("sub-agents are nested four deep", async () => {
  const { runs, told } = await go({ turns: always(() => spawns(1)) });
  expect([runs.length, deepest(runs)]).toEqual([5, 4]);
  expect(refused(told, "Sub-agents may be nested 4 deep (agent.maxDepth), and this one would be at 5.")).toHaveLength(
    1,
  );
});

test("a session that writes to itself, and two that write to each other, end at the limit of the chain", async () => {
  const selfish = always(() => [call("sessions_send", { sessionKey: "main", message: "again", timeoutSeconds: 0 })]);
  const alone = await go({ turns: selfish });
  expect(alone.runs).toHaveLength(21);
  expect(refused(alone.told, "20 messages in a row went from session to session")).toHaveLength(1);

  const bench = await openBench({ tools, turns: [] });
  const other = await bench.core.sessions.create({ title: "other" });
  const ring = always(({ cacheKey }) => [
    call("sessions_send", { sessionKey: cacheKey === "main" ? other.key : "main", message: "x", timeoutSeconds: 0 }),
  ]);
  bench.model.turns.push(...ring);
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" })
  ).outcome;
  expect((await ended(bench)).runs).toHaveLength(21);
  // A person begins anew.
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: other.key })
  ).outcome;
  expect((await ended(bench)).runs).toHaveLength(42);
});

test("a job that a run fires belongs to the run's tree", async () => {
  const bench = await openBench({
    tools,
    settings: { approvals: "auto", tree: { depth: 4, running: 16, runs: 200, chain: 3 } },
  });
  const job = async (name: string) =>
    bench.core.jobs.add(
      {
        name,
        schedule: { kind: "every", everyMs: 3_600_000 },
        payload: { kind: "agentTurn", message: name },
        sessionTarget: "isolated",
      },
      origin,
    );
  const ids = await Promise.all(["1", "2", "3", "4", "5"].map(async (name) => (await job(name)).id));
  bench.model.turns.push(
    ...always(({ messages }) => [call("cron", { action: "run", id: ids[Number(messages.at(-1)?.text) || 0] })]),
  );
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" })
  ).outcome;
  const { runs } = await ended(bench);
  expect(runs).toHaveLength(4);
  expect(Math.max(...runs.map(({ place }) => place?.chain ?? 0))).toBe(3);
});

test("what a client spawns under one session counts together, however many ask at once", async () => {
  const gate = Promise.withResolvers<void>();
  const waiting: Turn = [{ wait: gate.promise }, "ok"];
  const { core } = await openBench({ turns: Array.from({ length: 40 }, () => waiting) });
  const spawn = (parentKey: string) => core.sessions.send({ text: "task", origin, parentKey });
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => spawn("main")));
  const runs = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(runs).toHaveLength(16);
  await expect(spawn(runs[0]!.sessionKey)).rejects.toMatchObject({ code: "conflict" });
  gate.resolve();
  await Promise.all(runs.map(({ outcome }) => outcome));
  let key = "main";
  for (let depth = 1; depth <= 4; depth += 1) key = (await spawn(key)).sessionKey;
  await expect(spawn(key)).rejects.toThrow(/nested 4 deep/);
});

test("what was claimed stays claimed over a restart, and is free when its run has ended", async () => {
  const never: Turn = [{ wait: new Promise(() => {}) }];
  const settings = { tree: { depth: 4, running: 2, runs: 3, chain: 20 } };
  const first = await openBench({ settings, turns: [never, never] });
  const sentBy = { id: "run_root" };
  const spawn = (bench: Bench) => bench.core.sessions.send({ text: "task", origin, parentKey: "main", sentBy });
  for (let count = 0; count < 2; count += 1) await spawn(first);
  const second = await first.restart([never, never]);
  await expect(spawn(second)).rejects.toThrow(/2 at once is the limit/);
  const [newest] = await second.core.runs.list({ limit: 1 });
  await second.core.runs.cancel(newest!.id);
  await second.core.runs.wait(newest!.id, 60_000);
  await spawn(second);
  const [third] = await second.core.runs.list({ limit: 1 });
  await second.core.runs.cancel(third!.id);
  await second.core.runs.wait(third!.id, 60_000);
  await expect(spawn(second)).rejects.toThrow(/may lead to 3 runs/);
});
