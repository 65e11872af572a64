import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import type { Script, Turn } from "../fakes/modelTurn.ts";
import { fromErrorBody } from "../../src/base/appError.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import { newSession, openSurvivalBench, type SurvivalBench } from "./bench.ts";

// Every way in which a run is stopped, against the built gateway: a call that had begun has its effect once, whatever comes next.

const LEDGER = "ledger.txt";
const command = `echo once >> ${LEDGER}; sleep 60`;

/** Calls for whoever says "go", and a word for everybody else and for every result. */
const script: Script = ({ text, toolResults }) => {
  if (toolResults.length > 0) return { text: "went on" };
  if (text.includes("spawn")) return { toolCalls: [{ name: "sessions_spawn", input: { task: "go as a child" } }] };
  const to = /^tell (\S+)/.exec(text)?.[1];
  if (to) return { toolCalls: [{ name: "sessions_send", input: { sessionKey: to, message: "go as told" } }] };
  return text.includes("go") ? { toolCalls: [{ name: "exec", input: { command } }] } : { text: "hello" };
};

const AUTO = "agent: { approvals: auto }\n";

async function open(config = AUTO, said: Script = script): Promise<Opened> {
  const bench = await openLedger(config, said);
  onTestFinished(() => bench.close());
  return bench;
}

type Opened = SurvivalBench & { ledger(): string[] };

async function openLedger(config: string, said: Script): Promise<Opened> {
  const bench = await openSurvivalBench({ script: said, config });
  const path = join(bench.workspace, LEDGER);
  return {
    ...bench,
    ledger: () => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []),
  };
}

const begun = (bench: Opened) => expect.poll(bench.ledger).toEqual(["once"]);

const send = (gateway: GatewayProcess, message: string, more: object = {}) =>
  gateway.ask("/api/sessions/send", { message, sessionKey: "main", ...more });

/** The session goes on, and nothing was made again. */
async function goesOn(bench: Opened, gateway: GatewayProcess): Promise<void> {
  expect((await send(gateway, "hello")).body).toMatchObject({ status: "ok", reply: "hello" });
  expect(bench.ledger()).toEqual(["once"]);
}

/** A time limit in seconds that passes only when a call has begun, however busy this machine is: as long as that takes, and longer. */
async function limitFor(bench: Opened, gateway: GatewayProcess): Promise<number> {
  const sessionKey = await newSession(gateway);
  const began = performance.now();
  await send(gateway, "go", { sessionKey, timeoutSeconds: 0 });
  await begun(bench);
  const took = performance.now() - began;
  await gateway.call("/api/sessions/abort", { sessionKey });
  rmSync(join(bench.workspace, LEDGER));
  return 1 + (3 * took) / 1000;
}

describe("at one gateway", () => {
  let firings = 0;
  let bench: Opened;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    bench = await openLedger(AUTO, (request) => {
      if (request.toolResults.length > 0 || !request.text.includes("work")) return script(request);
      firings += 1;
      return firings === 1 ? { toolCalls: [{ name: "exec", input: { command } }] } : { text: "nothing to do" };
    });
    gateway = await bench.start();
  });
  afterEach(() => rmSync(join(bench.workspace, LEDGER), { force: true }));
  afterAll(() => bench.close());

  test("a cancelled run, with a message waiting behind it", async () => {
    const { runId } = (await send(gateway, "go", { timeoutSeconds: 0 })).body;
    await begun(bench);
    const behind = send(gateway, "and then?");
    await expect.poll(async () => (await gateway.call("/api/runs/list?states=queued"))["count"]).toBe(1);
    await gateway.call("/api/runs/cancel", { runId });
    expect((await behind).body).toMatchObject({ status: "ok", reply: "hello" });
    await goesOn(bench, gateway);
  });

  test("a client of /v1 that went away", async () => {
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

  test("a passed time limit of a spawned run", async () => {
    const runTimeoutSeconds = await limitFor(bench, gateway);
    const spawn = { task: "go", label: "limited", runTimeoutSeconds };
    const { status, body } = await gateway.ask("/api/sessions/spawn", spawn);
    expect([status, body.error]).toMatchObject([504, { code: "timed_out" }]);
    const { sessions } = (await gateway.call("/api/sessions/list")) as { sessions: { key: string; title: string }[] };
    const sessionKey = sessions.find(({ title }) => title === "limited")!.key;
    expect((await send(gateway, "hello", { sessionKey })).body).toMatchObject({ reply: "hello" });
    expect(bench.ledger()).toEqual(["once"]);
  });

  test("a job's time limit, and its next firing", async () => {
    const job = await gateway.call("/api/cron/add", {
      name: "slow",
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "agentTurn", message: "work" },
      sessionTarget: "main",
      timeoutSeconds: await limitFor(bench, gateway),
    });
    const { id } = (job.job ?? job) as { id: string };
    const ended = (times: number) =>
      waitFor(
        () => gateway.call(`/api/cron/runs?id=${id}&limit=5`),
        (answer) => JSON.stringify(answer).split(/"status":"(?!running|queued)/).length > times,
      );
    await gateway.ask("/api/cron/run", { id });
    await begun(bench);
    await ended(1);
    await gateway.ask("/api/cron/run", { id });
    await ended(2);
    expect(firings).toBe(2);
    await goesOn(bench, gateway);
  });
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

test("a message to another session is not sent twice", async () => {
  const bench = await open();
  const gateway = await bench.start();
  const side = await newSession(gateway);
  await send(gateway, `tell ${side}`, { timeoutSeconds: 0 });
  await begun(bench);
  await gateway.kill();
  const after = await bench.start();
  const told = async () => {
    const { messages } = await after.call(`/api/sessions/history?sessionKey=${side}&limit=50`);
    return (messages as { role: string; text: string }[]).filter(({ text }) => text === "go as told").length;
  };
  await goesOn(bench, after);
  expect((await send(after, "hello", { sessionKey: side })).body).toMatchObject({ reply: "hello" });
  expect(await told()).toBe(1);
  expect(bench.ledger()).toEqual(["once"]);
});

const WAITING = "/api/approvals/list";

test("a stop after allow_session, and one over a WebSocket: nothing is made again, though nobody would be asked", async () => {
  // What a session may be allowed for is a plain command.
  const plain: Script = (request) => {
    const turn = script(request) as Turn;
    return turn.toolCalls ? { toolCalls: [{ name: "exec", input: { command: "node work.mjs" } }] } : turn;
  };
  const bench = await open("agent: { approvals: ask }\n", plain);
  const work = `import { appendFileSync } from "node:fs"; appendFileSync("${LEDGER}", "once\\n"); setTimeout(() => {}, 20_000);`;
  writeFileSync(join(bench.workspace, "work.mjs"), work);
  const gateway = await bench.start();
  const wire = await connectWire({ url: gateway.url, token: gateway.token, nonce: nonceOf(bench) }, { via: "panel" });
  const client = createClient<Routes>(wire, { toError: fromErrorBody });
  onTestFinished(() => client.close());
  const { runId } = (await client.call("sessions.send", { message: "go", sessionKey: "main", timeoutSeconds: 0 })) as {
    runId: string;
  };
  const { approvals } = await waitFor(
    () => gateway.call(WAITING),
    ({ approvals: all }) => (all as unknown[]).length === 1,
  );
  await client.call("approvals.answer", { id: (approvals as { id: string }[])[0]!.id, decision: "allow_session" });
  await begun(bench);
  expect(await client.call("runs.cancel", { runId })).toMatchObject({ runId });
  await goesOn(bench, gateway);
  await gateway.kill();
  await goesOn(bench, await bench.start());
});

test("a stop while a call waits for its answer: the question does not come back", async () => {
  const bench = await open("agent: { approvals: ask }\n");
  const gateway = await bench.start();
  await send(gateway, "go", { timeoutSeconds: 0 });
  await waitFor(
    () => gateway.call(WAITING),
    ({ approvals }) => (approvals as unknown[]).length === 1,
  );
  await gateway.call("/api/sessions/abort", { sessionKey: "main" });
  for (const start of [false, true]) {
    const at = start ? (await gateway.kill(), await bench.start()) : gateway;
    expect((await send(at, "never mind, hello")).body).toMatchObject({ status: "ok", reply: "hello" });
    expect((await at.call(WAITING))["approvals"]).toEqual([]);
  }
  expect(bench.ledger()).toEqual([]);
});

/** What comes of asking again and again. */
async function waitFor<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  await expect.poll(async () => fits((answer = await ask()))).toBe(true);
  return answer;
}

function nonceOf({ stateDir }: SurvivalBench): string {
  return (JSON.parse(readFileSync(join(stateDir, "gateway.json"), "utf8")) as { nonce: string }).nonce;
}
