import { expect, test } from "vitest";
import type { Rule } from "../../src/protocol/rule.ts";
import { AppError } from "../../src/base/appError.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { call } from "../fakes/scriptedProvider.ts";
import type { BenchOptions } from "../core/bench.ts";
import { nextEvent } from "../core/bench.ts";
import { type GatewayBench, type GatewayBenchOptions, type Json, openGatewayBench } from "./bench.ts";
import { hookFields } from "../../src/protocol/hooks/hook.ts";

const KEY = { "Idempotency-Key": "cut-off" };
const JOB = {
  name: "nightly",
  schedule: { kind: "every", everyMs: 3_600_000 },
  sessionTarget: "isolated",
  payload: { kind: "agentTurn", message: "go" },
};

interface Case {
  options?: BenchOptions;
  gateway?: GatewayBenchOptions["gateway"];
  /** Makes what the call is about; resolves with its input. */
  before?(bench: GatewayBench): Promise<object>;
  /** What there is of what it did, which is to be there once. */
  count?(bench: GatewayBench): Promise<number>;
}

const session = async ({ post }: GatewayBench, more = {}): Promise<string> =>
  (await post("/api/sessions/create", more)).body.sessionKey;
const ofSession = async (bench: GatewayBench) => ({ sessionKey: await session(bench) });
const job = async ({ post }: GatewayBench) => ({ id: (await post("/api/cron/add", JOB)).body.job.id });
const listed = (path: string, field: string) => async (bench: GatewayBench) =>
  ((await bench.get(path)).body[field] as Json[]).length;
const runs = listed("/api/runs/list", "runs");
const RULE: Rule = { allow: "exec", command: "git log *" };

/** As kept in a file: it outlives the gateway. */
function ruleFile(): BenchOptions {
  let rules: Rule[] = [RULE];
  return {
    keepRule: async (rule) => void (rules = [...rules, rule]),
    async dropRule() {
      if (rules.length === 0) throw new AppError("conflict", "openclaw.yml does not have this rule");
      rules = [];
    },
  };
}

function channel(): BenchOptions {
  const one = { id: "telegram", allow: ["1"], chats: {}, maxFileBytes: 1000 };
  return { channels: () => [one as never] };
}

const turn: Case = { options: { turns: [["done"]] }, count: runs };
const asked = (body: object): Case => ({ ...turn, before: async () => ({ model: "pincer", ...body }) });

const CASES: Record<string, Case> = {
  "sessions.create": { count: listed("/api/sessions/list", "sessions") },
  "sessions.fork": { before: ofSession, count: listed("/api/sessions/list", "sessions") },
  "sessions.update": { before: async (bench) => ({ ...(await ofSession(bench)), title: "Now", pinned: true }) },
  "sessions.rename": { before: async (bench) => ({ ...(await ofSession(bench)), title: "Now" }) },
  "sessions.reset": { before: ofSession },
  "sessions.delete": { before: ofSession, count: listed("/api/sessions/list", "sessions") },
  "sessions.restore": {
    async before(bench) {
      const input = await ofSession(bench);
      await session(bench, { parentSessionKey: input.sessionKey });
      await bench.post("/api/sessions/delete", { ...input, undoSeconds: 60 });
      return input;
    },
    count: listed("/api/sessions/list", "sessions"),
  },
  "sessions.send": { options: { turns: [["done"]] }, before: async () => ({ message: "hi" }), count: runs },
  "sessions.spawn": { options: { turns: [["done"]] }, before: async () => ({ task: "hi" }), count: runs },
  "sessions.steer": {
    options: { turns: [[{ wait: new Promise(() => {}) }, "never"]] },
    async before(bench) {
      const started = nextEvent(bench.core, "run.started");
      await bench.post("/api/sessions/send", { message: "long", timeoutSeconds: 0 });
      await started;
      return { sessionKey: "main", message: "and this" };
    },
    count: runs,
  },
  "approvals.answer": {
    options: { turns: [[call("note", { text: "one" }, "1")], ["done"]] },
    async before(bench) {
      const asked = nextEvent(bench.core, "approval.asked");
      await bench.post("/api/sessions/send", { message: "go", timeoutSeconds: 0 });
      return { id: (await asked).approval.id, decision: "allow" };
    },
  },
  "plans.accept": {
    options: { turns: [["# Plan"], ["done"]] },
    async before({ post }) {
      await post("/api/sessions/send", { message: "x", mode: "plan" });
      return {};
    },
    count: runs,
  },
  "plans.end": {
    options: { turns: [["# Plan"], ["done"]] },
    async before({ post }) {
      await post("/api/sessions/send", { message: "x", mode: "plan" });
      await post("/api/plans/accept", {});
      return {};
    },
  },
  "cron.grant": {
    options: { turns: [["done"]] },
    async before(bench) {
      const { id } = await job(bench);
      const { runId } = (await bench.post("/api/cron/rehearse", { id })).body;
      await bench.get(`/api/runs/wait?runId=${runId}`);
      return { id, runId, take: [] };
    },
  },
  "approvals.mode": { before: async (bench) => ({ ...(await ofSession(bench)), mode: "plan" }) },
  "cron.add": { before: async () => JOB, count: listed("/api/cron/list", "jobs") },
  "cron.update": { before: async (bench) => ({ ...(await job(bench)), patch: { name: "daily" } }) },
  "cron.remove": { before: job, count: listed("/api/cron/list", "jobs") },
  "cron.run": { options: { turns: [["done"]] }, before: job, count: listed("/api/cron/runs", "runs") },
  "cron.rehearse": { options: { turns: [["done"]] }, before: job, count: runs },
  "cron.wake": { options: { turns: [["done"]] }, before: async () => ({ text: "wake up" }), count: runs },
  "rules.remove": { options: ruleFile(), before: async () => ({ rule: RULE }) },
  "rules.add": { options: ruleFile(), before: async () => ({ rule: RULE }) },
  "hooks.test": {
    options: { turns: [["done"]] },
    gateway: { hooks: () => ({ ci: hookFields.parse({ message: "go", token: "ci-0123456789abcdefghijklmnop" }) }) },
    before: async () => ({ name: "ci", send: true }),
    count: runs,
  },
  "channels.send": {
    options: channel(),
    before: async () => ({ channel: "telegram", to: "1", text: "hello" }),
    count: async ({ store }) => (await store.listOutbox({ channel: "telegram", states: ["whole"], limit: 10 })).length,
  },
  "channels.pair": {
    options: channel(),
    async before({ core }) {
      const offered = await core.channels.offer("telegram", { id: "5", name: "Eve" });
      return { channel: "telegram", code: offered!.code };
    },
  },
  "channels.remove": {
    options: channel(),
    async before({ core }) {
      await core.channels.offer("telegram", { id: "5", name: "Eve" });
      return { channel: "telegram", person: "5" };
    },
  },
  "channels.mute": { options: channel(), before: async () => ({ channel: "telegram" }) },
};

/** Where the same call does nothing that is wrong, and is answered by what there is then. */
const AGAIN: Record<string, string> = {
  "agents.confirm": "is confirmed once more",
  browser: "is about the browser, which ended with its gateway",
  "changes.keep": "they are kept already",
  "changes.revert": "what is as it was stays so",
  "channels.restart": "starts it once more",
  "checkpoints.restore": "what is as it was stays so",
  "import.write": "twice is once",
  "mcp.answer": "the question ended with its gateway",
  "mcp.read": "only reads",
  "mcp.restart": "starts it once more",
  "mcp.signIn": "the one under way ended with its gateway",
  "mcp.signOut": "is signed out already",
  "phones.leave": "its token is dead",
  "phones.remove": "is removed already",
  "phones.subscribe": "is told once",
  "phones.unsubscribe": "is told of nothing already",
  "prompts.expand": "only reads",
  "runs.cancel": "says that it had ended",
  "sessions.abort": "ends what goes on then",
  "sessions.compact": "nothing is left to sum up",
  "sessions.prune": "removes what is left to remove",
  "skills.confirm": "is confirmed once more",
  "subagents.cancel": "ends what goes on then",
  "worktrees.merge": "what is merged stays so",
  "worktrees.push": "what is pushed stays so",
  "worktrees.remove": "says that there is none any more",
};

test("of every call that takes a key it is known what it does when its gateway dies in it", () => {
  const taking = routeTable.filter(({ verb, secret, http }) => verb === "POST" && !secret && http !== "none");
  const known = [...Object.keys(CASES), ...Object.keys(AGAIN)];
  expect(taking.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
});

test.each(Object.entries(CASES))("%s", async (name, { options, gateway, before, count }) => {
  const route = routeTable.find((one) => one.name === name)!;
  const path = `/api/${name.replaceAll(".", "/")}`;
  const { answered, again, counts } = await cutOff(path, { options, gateway, before, count });
  expect([route.status?.(again.body as never) ?? 200, again.body]).toEqual([again.status, again.body]);
  const early = route.status?.(again.body as never) === 202 ? { status: "accepted", reply: null } : {};
  const { durationMs: _, ...told } = pick(answered, again.body);
  expect(again.body).toMatchObject({ ...told, ...early });
  expect(counts[1]).toBe(counts[0]);
});

const tool = (name: string, args: object) => async () => ({ tool: name, args });
const jobOf = (action: string, more = {}) => ({
  before: async (bench: GatewayBench) => ({ tool: "cron", args: { action, ...(await job(bench)), ...more } }),
});

const DOORS: Record<string, Case & { path: string }> = {
  "chat completions": { path: "/v1/chat/completions", ...asked({ messages: [{ role: "user", content: "hi" }] }) },
  "chat completions, for this answer alone": {
    path: "/v1/chat/completions",
    ...asked({ messages: [{ role: "user", content: "hi" }], store: false }),
    // Its run is forgotten when it was answered.
    count: async () => 1,
  },
  responses: { path: "/v1/responses", ...asked({ input: "hi" }) },
  sessions_send: {
    path: "/tools/invoke",
    ...turn,
    before: tool("sessions_send", { sessionKey: "main", message: "hi" }),
  },
  "sessions_send, to a run": {
    ...CASES["sessions.steer"],
    path: "/tools/invoke",
    async before(bench) {
      const args = await CASES["sessions.steer"]!.before!(bench);
      return { tool: "sessions_send", args: { ...args, mode: "steer" } };
    },
  },
  sessions_spawn: { path: "/tools/invoke", ...turn, before: tool("sessions_spawn", { task: "hi" }) },
  "cron, added": { ...CASES["cron.add"], path: "/tools/invoke", before: tool("cron", { action: "add", job: JOB }) },
  "cron, updated": { path: "/tools/invoke", ...jobOf("update", { patch: { name: "daily" } }) },
  "cron, run": { ...CASES["cron.run"], path: "/tools/invoke", ...jobOf("run") },
  "cron, removed": { ...CASES["cron.remove"], path: "/tools/invoke", ...jobOf("remove") },
  "cron, woken": { path: "/tools/invoke", ...turn, before: tool("cron", { action: "wake", text: "wake up" }) },
};

test.each(Object.entries(DOORS))("%s", async (_, { path, ...door }) => {
  const { answered, again, counts } = await cutOff(path, door);
  expect(again.status).toBe(200);
  if (path.startsWith("/v1")) expect(withoutTime(again.body)).toEqual(withoutTime(answered));
  else expect(again.body).toMatchObject({ ok: true, result: {} });
  expect(counts[1]).toBe(counts[0]);
});

test.each([
  { path: "/v1/chat/completions", body: { messages: [{ role: "user", content: "hi" }] } },
  { path: "/v1/responses", body: { input: "hi" } },
  { path: "/v1/responses", body: { input: "hi", stream: true, store: false } },
])("a turn that its gateway is stopped in is answered by the next one: $path $body", async ({ path, body }) => {
  const asks = { model: "pincer", ...body };
  const first = await openGatewayBench({ turns: [[{ wait: new Promise(() => {}) }, "never"]] });
  const begun = nextEvent(first.core, "run.started");
  const cut = first.post(path, asks, KEY);
  const { runId } = await begun;
  await first.gateway.close();
  expect(await cut).toMatchObject({ status: 503, body: { error: { message: expect.stringContaining(runId) } } });
  const second = await openGatewayBench({ over: await first.restart([["done"], ["once more"]]) });
  const init = { method: "POST", headers: { ...second.auth, "Content-Type": "application/json", ...KEY } };
  const ask = async () => {
    const response = await fetch(second.gateway.url + path, { ...init, body: JSON.stringify(asks) });
    return await response.text();
  };
  const [one, two] = await Promise.all([ask(), ask()]);
  for (const answer of [one, two, await ask()]) {
    expect(answer).toContain("done");
    if (!body.stream) expect(answer).toContain(runId);
  }
  expect(second.model.requests).toHaveLength(1);
});

test("a call of a tool that its gateway died in is not made once more, where it may have changed something", async () => {
  const call = { tool: "note", args: { text: "one" } };
  const { answered, again } = await cutOff("/tools/invoke", {
    async before({ core }) {
      core.events.on((event) => {
        if (event.type === "approval.asked") void core.approvals.answer(event.approval.id, "allow", "panel");
      });
      return call;
    },
  });
  expect(answered).toMatchObject({ body: { ok: true } });
  expect(again).toMatchObject({ status: 409, body: { ok: false, error: { type: "conflict" } } });
});

test("a turn that its client went away from is done anew for the same key", async () => {
  const { core, model, gateway, auth, post } = await openGatewayBench({
    turns: [[{ wait: new Promise(() => {}) }, "never"], ["anew"]],
  });
  const begun = nextEvent(core, "run.started");
  const ended = nextEvent(core, "run.finished");
  const asks = { model: "pincer", messages: [{ role: "user", content: "hi" }] };
  const leaving = new AbortController();
  const init = { method: "POST", headers: { ...auth, "Content-Type": "application/json", ...KEY } };
  const left = fetch(`${gateway.url}/v1/chat/completions`, {
    ...init,
    body: JSON.stringify(asks),
    signal: leaving.signal,
  });
  left.catch(() => {});
  await begun;
  leaving.abort();
  await ended;
  const again = await post("/v1/chat/completions", asks, KEY);
  expect(again.body).toMatchObject({ choices: [{ message: { content: "anew" } }] });
  expect(model.requests).toHaveLength(2);
});

/** Asks under a key a gateway that is killed right after it did what was asked, before it has put its answer down, and then the next one. */
async function cutOff(path: string, { options = {}, gateway, before, count }: Case) {
  let isAlive = true;
  const reached = Promise.withResolvers<Json>();
  const buried = Promise.withResolvers<void>();
  const first = await openGatewayBench({
    ...options,
    gateway: { ...gateway, nonce: "first" },
    seeStore: (store) => ({
      ...store,
      putAnswer: (answer) => {
        if (!isAlive) return store.putAnswer(answer);
        reached.resolve(answer.answer?.body);
        return buried.promise;
      },
    }),
  });
  const input = (await before?.(first)) ?? {};
  void first.post(path, input, KEY).catch(() => {});
  const answered = await reached.promise;
  const done = await count?.(first);
  isAlive = false;
  const second = await openGatewayBench({
    over: await first.kill([["again"]]),
    gateway: { ...gateway, nonce: "second" },
  });
  const again = await second.post(path, input, KEY);
  const counts = [done, await count?.(second)];
  buried.resolve();
  return { answered, again, counts };
}

/** Of what was to be answered, what is said before a run has ended as well. */
function pick(answered: Json, again: Json): Json {
  return Object.fromEntries(Object.entries(answered).filter(([field]) => field in again));
}

/** The answer as it is but for when it was given, and in what request. */
function withoutTime(body: Json): Json {
  return { ...body, created: undefined, created_at: undefined };
}
