import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { AppError } from "../../src/base/appError.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import type { Hooks } from "../../src/core/ports/outside/hooks.ts";
import { defineTool } from "../../src/core/ports/tool.ts";
import { eventShapes } from "../../src/gateway/docs/eventShapes.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { call, SOME_USAGE } from "../fakes/scriptedProvider.ts";
import { add, nextEvent, note, openBench } from "../core/bench.ts";
import { checkEvent } from "./checkAnswer.ts";
import { type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

const never = new Promise<void>(() => {});

const slow = defineTool({
  name: "slow",
  description: "Says how far it is, and makes an image.",
  input: z.strictObject({}),
  effect: "read",
  async run(_input, { progress }) {
    progress("half done");
    return { text: "done", images: [{ name: "a.png", mediaType: "image/png", data: "AAAA" }] };
  },
});

/** Everything that happens to sessions, runs and jobs, over a core whose run goes on after a restart. */
async function openScenario(): Promise<GatewayBench> {
  const tools = [add, note, slow];
  const hooks: Hooks = {
    has: (moment) => moment === "afterTool" || moment === "runFinished",
    call: async ({ moment }) => [{ moment, hook: "note", outcome: "ok", durationMs: 1 }],
  };
  const first = await openBench({ tools, hooks, turns: [["half", { wait: never }]] });
  const delta = nextEvent(first.core, "text.delta");
  await first.core.sessions.send({ text: "go", origin: { via: "api", id: "ci" }, sessionKey: "main" });
  await delta;
  const native = { type: "end" as const, usage: SOME_USAGE, stop: "tool_calls" as const, native: { hidden: true } };
  const over = await first.restart([
    ["whole"],
    [
      { type: "thinking", text: "hm" },
      { type: "notice", text: "The provider waits" },
      "working",
      call("note", { text: "n" }),
      call("slow", {}),
      native,
    ],
    ["noted"],
    [{ fail: new AppError("provider_error", "The model is down") }],
    ["watched"],
    ["woken"],
    [{ type: "end", usage: SOME_USAGE, stop: "length" }],
    ["A summary"],
  ]);
  return openGatewayBench({ over });
}

async function act(bench: GatewayBench): Promise<void> {
  const { core, post } = bench;
  const done = async (path: string, body: object) => {
    const answer = await post(path, body);
    expect([path, answer.status, answer.body], path).toEqual([path, 200, answer.body]);
    return answer.body;
  };
  const asked = nextEvent(core, "approval.asked");
  const attachments = [{ name: "a.txt", mediaType: "text/plain", data: "x" }];
  const working = post("/api/sessions/send", { message: "work", attachments });
  const { approval } = await asked;
  const queued = post("/api/sessions/send", { message: "then this" });
  await nextEvent(core, "run.queued");
  await done("/api/approvals/answer", { id: approval.id, decision: "allow" });
  expect((await working).status).toBe(200);
  expect((await queued).status).toBe(502);
  await done("/tools/invoke", { tool: "add", args: { a: 1, b: 2 } });

  const { sessionKey } = await done("/api/sessions/create", { title: "Other" });
  await done("/api/sessions/rename", { sessionKey, title: "Another" });
  await done("/api/sessions/delete", { sessionKey });

  const job = {
    name: "Watch",
    schedule: { kind: "cron", expr: "0 9 * * *" },
    payload: { kind: "agentTurn", message: "look" },
    sessionTarget: "isolated",
    delivery: { mode: "announce" },
    misfire: "skip",
  };
  const { id } = (await done("/api/cron/add", { job })).job;
  const announced = nextEvent(core, "job.announced");
  await done("/api/cron/run", { id });
  await announced;
  await done("/api/cron/remove", { id });
  const woken = nextEvent(core, "run.finished");
  await done("/api/cron/wake", { text: "The build is red" });
  await woken;
  await done("/api/sessions/send", { message: "be short" });
  await done("/api/sessions/compact", { sessionKey: "main" });
  const nothing = { error: null, retryAt: null, pid: null, version: null, protocol: null, startedAt: null, tools: [] };
  core.tell({ type: "mcp.changed", server: { name: "x", state: "idle", kind: "stdio", target: "x", ...nothing } });
  core.tell({ type: "channel.changed", channel: "telegram" });
  const command = { command: "npm run build", sessionKey: "main", by: "run_1", workspace: "/w", exitCode: 0 };
  core.tell({ type: "command.ended", ...command });
  const now = new Date().toISOString();
  const question = { id: "ask_1", server: "x", message: "Which?", fields: [], createdAt: now, expiresAt: now };
  core.tell({ type: "mcp.asked", question });
  core.tell({ type: "mcp.answered", questionId: question.id, action: "decline" });
  core.tell({
    type: "budget.warned",
    budget: "day 2026-11-26",
    percent: 50,
    text: "Half",
    by: "run_1",
    sessionKey: "main",
  });
  core.tell({ type: "browser.left", sessionKey: "main", wiped: true, by: "w1" });
  core.tell({ type: "gateway.changed", reason: "configuration" });
}

test("every event is told by the schema of its type, over SSE and over /ws", async () => {
  const bench = await openScenario();
  const client = createClient<Routes>(await connectWire({ url: bench.gateway.url, token: TOKEN }));
  onTestFinished(() => client.close());
  const overWire: GatewayEvent[] = [];
  const last = new Promise<void>((resolve) => {
    client.onEvent((event) => {
      overWire.push(event);
      if (event.type === "gateway.changed") resolve();
    });
  });
  await client.call("events.subscribe", { after: 0 });
  const response = await fetch(`${bench.gateway.url}/api/events?after=0`, { headers: bench.auth });
  const overSse = readUntil(response, "gateway.changed");
  await act(bench);
  await last;

  const types = Object.values(eventShapes).map(({ shape }) => shape.type.value as string);
  for (const events of [overWire, await overSse]) {
    for (const event of events) checkEvent(event);
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual(types.toSorted());
  }
});

test("a session is one shape: in its list, its answers and its events", async () => {
  const bench = await openGatewayBench();
  const told: object[] = [];
  bench.core.events.on((event) => event.type === "session.changed" && told.push(event.session));
  const { session: created } = (await bench.post("/api/sessions/create", { title: "One" })).body;
  const { session: renamed } = (await bench.post("/api/sessions/rename", { sessionKey: created.key, title: "Two" }))
    .body;
  const { session: empty } = (await bench.post("/api/sessions/reset", { sessionKey: created.key })).body;
  const { sessions } = (await bench.get("/api/sessions/list")).body;
  const listed = sessions.find(({ key }: { key: string }) => key === created.key);
  const fields = Object.keys(created).toSorted();
  for (const session of [renamed, empty, listed, ...told]) expect(Object.keys(session).toSorted()).toEqual(fields);
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(listed).toEqual(told.at(-1));
  expect(fields).toContain("parentKey");
  expect(fields).not.toContain("summarySeq");
});

async function readUntil(response: Response, type: GatewayEvent["type"]): Promise<GatewayEvent[]> {
  const events: GatewayEvent[] = [];
  let rest = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) events.push(JSON.parse(data) as GatewayEvent);
    }
    if (events.some((event) => event.type === type)) return events;
  }
  return events;
}
