import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import type { Script } from "../fakes/modelTurn.ts";
import { openSurvivalBench, type SurvivalBench } from "./bench.ts";

// Every way in which a run is stopped, against the built gateway: a call that had begun has its effect once, whatever comes next.

const LEDGER = "ledger.txt";
const command = `echo once >> ${LEDGER}; sleep 20`;

/** Calls for whoever says "go", and a word for everybody else and for every result. */
const script: Script = ({ text, toolResults }) => {
  if (toolResults.length > 0) return { text: "went on" };
  if (text.includes("spawn")) return { toolCalls: [{ name: "sessions_spawn", input: { task: "go as a child" } }] };
  return text.includes("go") ? { toolCalls: [{ name: "exec", input: { command } }] } : { text: "hello" };
};

async function open(config = "agent: { approvals: auto }\n"): Promise<SurvivalBench & { ledger(): string[] }> {
  const bench = await openSurvivalBench({ script, config });
  onTestFinished(() => bench.close());
  const path = join(bench.workspace, LEDGER);
  return {
    ...bench,
    ledger: () => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []),
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

const begun = (bench: Opened) => expect.poll(bench.ledger, { timeout: 15_000 }).toEqual(["once"]);

const send = (gateway: GatewayProcess, message: string, more: object = {}) =>
  gateway.ask("/api/sessions/send", { message, sessionKey: "main", ...more });

/** The session goes on, and nothing was made again. */
async function goesOn(bench: Opened, gateway: GatewayProcess): Promise<void> {
  expect((await send(gateway, "hello")).body).toMatchObject({ status: "ok", reply: "hello" });
  expect(bench.ledger()).toEqual(["once"]);
}

test("a cancelled run, with a message waiting behind it", async () => {
  const bench = await open();
  const gateway = await bench.start();
  const { runId } = (await send(gateway, "go", { timeoutSeconds: 0 })).body;
  await begun(bench);
  const behind = send(gateway, "and then?");
  await gateway.call("/api/runs/cancel", { runId });
  expect((await behind).body).toMatchObject({ status: "ok", reply: "hello" });
  await goesOn(bench, gateway);
});

test("a passed time limit of a spawned run", async () => {
  const bench = await open();
  const gateway = await bench.start();
  const { status, body } = await gateway.ask("/api/sessions/spawn", { task: "go", runTimeoutSeconds: 3 });
  expect([status, body.error]).toMatchObject([504, { code: "timed_out" }]);
  const { sessions } = (await gateway.call("/api/sessions/list")) as { sessions: { key: string; kind: string }[] };
  const sessionKey = sessions.find(({ kind }) => kind === "isolated")!.key;
  expect((await send(gateway, "hello", { sessionKey })).body).toMatchObject({ reply: "hello" });
  expect(bench.ledger()).toEqual(["once"]);
});

test("a client of /v1 that went away", async () => {
  const bench = await open();
  const gateway = await bench.start();
  const gone = new AbortController();
  const asked = fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${gateway.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ model: "pincer", user: "me", messages: [{ role: "user", content: "go" }] }),
    signal: gone.signal,
  }).catch(() => undefined);
  await begun(bench);
  gone.abort();
  await asked;
  await gateway.ask("/v1/chat/completions", {
    model: "pincer",
    user: "me",
    messages: [{ role: "user", content: "hello" }],
  });
  expect(bench.ledger()).toEqual(["once"]);
});

test.each(["kill", "stop"] as const)("a %s of the gateway in the middle of a call", async (end) => {
  const bench = await open();
  const gateway = await bench.start();
  await send(gateway, "go", { timeoutSeconds: 0 });
  await begun(bench);
  await gateway[end]();
  await goesOn(bench, await bench.start());
});

test("a spawned child is not spawned twice, and is not at work twice", async () => {
  const bench = await open();
  const gateway = await bench.start();
  await send(gateway, "spawn", { timeoutSeconds: 0 });
  await begun(bench);
  await gateway.kill();
  const after = await bench.start();
  await after.call("/api/sessions/abort", { sessionKey: "main" });
  await goesOn(bench, after);
  const { sessions } = (await after.call("/api/sessions/list")) as { sessions: { kind: string }[] };
  expect(sessions.filter(({ kind }) => kind === "isolated")).toHaveLength(1);
});

test("a job's time limit", async () => {
  const bench = await open();
  const gateway = await bench.start();
  const job = await gateway.call("/api/cron/add", {
    name: "slow",
    schedule: { kind: "every", everyMs: 3_600_000 },
    payload: { kind: "agentTurn", message: "go" },
    sessionTarget: "main",
    timeoutSeconds: 3,
  });
  const { id } = (job.job ?? job) as { id: string };
  await gateway.ask("/api/cron/run", { id });
  await begun(bench);
  await expect
    .poll(async () => JSON.stringify(await gateway.call(`/api/cron/runs?id=${id}&limit=5`)), { timeout: 15_000 })
    .not.toContain('"running"');
  await goesOn(bench, gateway);
});
