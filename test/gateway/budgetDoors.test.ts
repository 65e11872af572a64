import { expect, onTestFinished, test } from "vitest";
import { connectWire } from "../../src/client/connectWire.ts";
import type { ModelEvent } from "../../src/core/ports/provider.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { call, SOME_USAGE, type Turn } from "../fakes/scriptedProvider.ts";
import { type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

const WRITER = "writer-of-the-tests-0123456789abcdefghijklm";
const end: ModelEvent = {
  type: "end",
  usage: { ...SOME_USAGE, inputTokens: 1600, outputTokens: 1 },
  stop: "tool_calls",
};
const overs = (count: number): Turn[] =>
  Array.from({ length: count }, (_, at) => [call("add", { a: 1, b: 1 }, `c${at}`), end]);

async function client(bench: GatewayBench, token = TOKEN) {
  const wire = await connectWire({ url: bench.gateway.url, token });
  const made = createClient<Routes>(wire);
  onTestFinished(() => made.close());
  return { made, wire };
}

const openDoors = (turns: Turn[]) =>
  openGatewayBench({
    turns,
    settings: { budgetTokens: 2000 },
    gateway: {
      tokens: [
        { name: "default", value: TOKEN, scope: "admin" },
        { name: "ci", value: WRITER, scope: "write" },
      ],
    },
  });

test("over /ws who listens and may answer is asked for more, and their answer lets a REST call go on", async () => {
  const bench = await openDoors([...overs(1), ["done"]]);
  const { made } = await client(bench);
  const seen: GatewayEvent[] = [];
  made.onEvent((event) => {
    seen.push(event);
    if (event.type === "approval.asked")
      void made.call("approvals.answer", { id: event.approval.id, decision: "allow" });
  });
  await made.call("events.subscribe", {});
  const sent = await bench.post("/api/sessions/send", { message: "go" });
  expect(sent).toMatchObject({ status: 200, body: { reply: "done" } });
  await expect
    .poll(() => seen.find((event) => event.type === "approval.answered"))
    .toMatchObject({
      tool: "budget",
      raised: "2000 tokens more for this run",
      by: "api:default",
    });
  await expect.poll(() => seen.filter((event) => event.type === "budget.warned")).toMatchObject([{ percent: 80 }]);
});

test("nobody is there when a client only calls, may not answer, or has gone", async () => {
  const bench = await openDoors(overs(4));
  const ends = async () => (await bench.post("/api/sessions/send", { message: "go" })).status;
  expect(await ends()).toBe(402);
  const { made: calls } = await client(bench);
  await calls.call("approvals.list", {});
  expect(await ends()).toBe(402);
  const { made: writer } = await client(bench, WRITER);
  await writer.call("events.subscribe", {});
  expect(await ends()).toBe(402);
  const { made: gone, wire } = await client(bench);
  await gone.call("events.subscribe", {});
  wire.close();
  await expect.poll(async () => (await bench.get("/api/gateway/status")).body.connections).toBe(2);
  expect(await ends()).toBe(402);
});

test("usage and status tell how the ceilings stand", async () => {
  const bench = await openDoors([["a", { ...end, stop: "done" } as ModelEvent]]);
  bench.settings.budgets = { session: { tokens: 10_000 }, day: { usd: 1 } };
  await bench.post("/api/sessions/send", { message: "go" });
  const usage = (await bench.get("/api/usage/cost?days=1&sessionKey=main")).body;
  expect(usage.budgets).toMatchObject([
    { budget: "session main", percent: 16, tokens: { limit: 10_000, raised: 0, used: 1601 }, usd: null },
    { title: "The day (UTC)", usd: { limit: 1, raised: 0 } },
  ]);
  expect((await bench.get("/api/session/status")).body.budgets).toEqual(usage.budgets);
});
