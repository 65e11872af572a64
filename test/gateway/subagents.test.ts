import { expect, test } from "vitest";
import { sessionsSpawn, sessionsWait } from "../../src/tools/index.ts";
import { call, type Piece, type Turn } from "../fakes/scriptedProvider.ts";
import { nextEvent } from "../core/bench.ts";
import { type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

const never: Piece = { wait: new Promise(() => {}) };

/** A model with a script for each session, named by its first message. */
const by = (scripts: Record<string, Turn[]>): Turn[] =>
  Array.from({ length: 50 }, (): Turn => (request, signal) => {
    const next = scripts[request.messages.find(({ role }) => role === "user")?.text ?? ""]?.shift() ?? ["ok"];
    return typeof next === "function" ? next(request, signal) : next;
  });

const open = (scripts: Record<string, Turn[]>, more = {}): Promise<GatewayBench> =>
  openGatewayBench({ turns: by(scripts), tools: [sessionsSpawn, sessionsWait], ...more });

test("a tree of sub-agents is listed with what each is at, steered, and ended by one of it", async () => {
  const seen: string[] = [];
  const step = Promise.withResolvers<void>();
  const bench = await open({
    go: [[call("sessions_spawn", { task: "middle", label: "Middle" })], ["started"], ["heard"]],
    middle: [
      async () => (await step.promise, [call("sessions_spawn", { task: "leaf", label: "Leaf", detached: true })]),
      (request) => (seen.push(request.messages.at(-1)!.text), [call("sessions_wait", {})]),
    ],
    leaf: [[never]],
  });
  const { post, get, core } = bench;
  await post("/api/sessions/send", { message: "go" });
  const first = (await get("/api/subagents/list")).body;
  expect(first).toMatchObject({
    sessionKey: "main",
    count: 1,
    subagents: [{ title: "Middle", depth: 1, state: "running", parentKey: "main", run: { state: "running" } }],
  });
  const { key } = first.subagents[0];
  const steered = await post("/api/sessions/steer", { sessionKey: key, message: "quickly" });
  expect(steered).toMatchObject({ status: 202, body: { status: "accepted", sessionKey: key, reply: null } });
  const waiting = new Promise<void>((resolve) => {
    core.events.on((event) => {
      if (event.type === "tool.started" && event.name === "sessions_wait") resolve();
    });
  });
  step.resolve();
  await waiting;
  expect(seen).toEqual(["quickly"]);
  const { body } = await get(`/api/runs/get?runId=${steered.body.runId}`);
  expect(body.run.outcome).toEqual({ type: "done", reply: "", joined: first.subagents[0].run.runId });
  const tree = (await get("/api/subagents/list?sessionKey=main")).body.subagents;
  expect(tree.map((one: Record<string, unknown>) => [one.title, one.depth, one.detached, one.activity])).toEqual([
    ["Middle", 1, false, "sessions_wait"],
    ["Leaf", 2, true, "thinking"],
  ]);
  const leaf = tree[1].key as string;
  const told = nextEvent(core, "run.finished");
  expect((await post("/api/subagents/cancel", { sessionKey: "main" })).body.cancelled).toBe(1);
  await told;
  expect((await post("/api/subagents/cancel", { sessionKey: leaf })).body).toEqual({ sessionKey: leaf, cancelled: 1 });
  await expect.poll(async () => (await get("/api/runs/list?states=running&states=queued")).body.count).toBe(0);
  const { messages } = (await get("/api/sessions/history?includeTools=true")).body;
  expect(messages.filter(({ role }: { role: string }) => role === "system")).toEqual([]);
});

test("a token steers what it began at whatever door, and nothing of others", async () => {
  const [ci, other] = [`${TOKEN}-ci`, `${TOKEN}-other`];
  const begun = Promise.withResolvers<void>();
  const { post, get } = await open(
    {
      go: [
        (): Piece[] => {
          begun.resolve();
          return [never];
        },
      ],
    },
    {
      gateway: {
        tokens: [
          { name: "default", value: TOKEN, scope: "admin" },
          { name: "ci", value: ci, scope: "write" },
          { name: "other", value: other, scope: "write" },
        ],
      },
    },
  );
  const as = (token: string) => ({ Authorization: `Bearer ${token}` });
  const turn = post("/v1/responses", { model: "pincer", input: "go" }, as(ci));
  await begun.promise;
  const [{ runId }] = (await get("/api/runs/list?states=running")).body.runs;
  const steer = (token: string) => post("/api/sessions/steer", { runId, message: "quickly" }, as(token));
  expect(await steer(other)).toMatchObject({ status: 403 });
  expect(await steer(ci)).toMatchObject({ status: 202 });
  await post("/api/runs/cancel", { runId });
  await turn;
});

test("a client's spawn brings its result to the parent session when it asks for that", async () => {
  const bench = await open({ look: [["found"]], other: [["more"]] });
  const { post, get } = bench;
  const quiet = await post("/api/sessions/spawn", { task: "other", parentSessionKey: "main" });
  expect(quiet.body).toMatchObject({ status: "ok", reply: "more" });
  const spawned = await post("/api/sessions/spawn", { task: "look", parentSessionKey: "main", deliver: true });
  expect(spawned.body).toMatchObject({ status: "ok", reply: "found" });
  await expect
    .poll(async () => (await get("/api/sessions/history?includeTools=true")).body.messages)
    .toEqual([
      expect.objectContaining({ role: "system", text: expect.stringContaining('("look") is done.') }),
      expect.objectContaining({ role: "assistant", text: "ok" }),
    ]);
});

test("/tools/invoke: a spawn's result comes to the session that asked, and a message steers", async () => {
  const bench = await open({ go: [["half", never]], look: [["found"]] });
  const { post, get, core } = bench;
  const invoke = async (tool: string, args: object) =>
    (await post("/tools/invoke", { tool, args, sessionKey: "main" })).body.result.details;
  const none = await invoke("sessions_send", { sessionKey: "main", message: "x", mode: "steer", timeoutSeconds: 0 });
  expect(none).toMatchObject({
    status: "error",
    error: "Target has no active run that accepts steering. Use mode=followup to start a new turn.",
  });
  expect(await invoke("sessions_spawn", { task: "look" })).toMatchObject({
    status: "accepted",
    expectsCompletionMessage: true,
  });
  await expect
    .poll(async () => JSON.stringify((await get("/api/sessions/history")).body.messages))
    .toContain('(\\"look\\") is done.');
  const writing = nextEvent(core, "text.delta");
  await post("/api/sessions/create", { title: "other" });
  const sent = post("/api/sessions/send", { message: "go", sessionKey: "main", timeoutSeconds: 0 });
  await Promise.all([sent, writing]);
  expect(await invoke("sessions_send", { sessionKey: "main", message: "left", mode: "steer" })).toMatchObject({
    status: "accepted",
    targetDisposition: "steered",
  });
});
