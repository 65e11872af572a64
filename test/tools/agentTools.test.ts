import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { Agent, AgentReply, Waited } from "../../src/core/ports/agent.ts";
import type { Job } from "../../src/protocol/job.ts";
import type { StoredMessage } from "../../src/protocol/message.ts";
import { cron } from "../../src/tools/cronTool.ts";
import { sessionsHistory } from "../../src/tools/sessions/sessionsHistoryTool.ts";
import { sessionsList } from "../../src/tools/sessions/sessionsListTool.ts";
import { sessionsSend } from "../../src/tools/sessions/sessionsSendTool.ts";
import { sessionsCancel } from "../../src/tools/sessions/sessionsCancelTool.ts";
import { sessionsSteer } from "../../src/tools/sessions/sessionsSteerTool.ts";
import { sessionsWait } from "../../src/tools/sessions/sessionsWaitTool.ts";
import { sessionsSpawn } from "../../src/tools/sessions/sessionsSpawnTool.ts";
import { sessionStatus } from "../../src/tools/sessions/sessionStatusTool.ts";
import { todo } from "../../src/tools/todoTool.ts";
import { askOf, call, toolContext, toolSession } from "./toolContext.ts";

const stored = { id: 1, seq: 1, runId: "run_1", sessionKey: "s1", createdAt: "2026-11-22T10:00:00.000Z" };
const messages: StoredMessage[] = [
  { ...stored, role: "user", text: "hi", origin: { via: "api" } },
  { ...stored, role: "assistant", text: "", toolCalls: [{ id: "c", name: "read", input: {} }], model: "m" },
  { ...stored, role: "tool", callId: "c", name: "read", text: "x", isError: false },
  { ...stored, role: "assistant", text: "y".repeat(5000), toolCalls: [], model: "m" },
];

/** An agent that answers from a script and writes down what it was asked. */
function scriptedAgent(
  reply: Partial<AgentReply> = {},
  waited: Partial<Waited> = {},
): { agent: Agent; asked: unknown[] } {
  const asked: unknown[] = [];
  const at = "2026-11-23T06:00:00.000Z";
  const job: Job = {
    id: "job_1",
    name: "n",
    enabled: true,
    schedule: { kind: "every", everyMs: 1000 },
    payload: { kind: "agentTurn", message: "m" },
    sessionTarget: "isolated",
    createdBy: { via: "api" },
    createdAt: at,
    updatedAt: at,
    nextRunAt: null,
    lastRunAt: null,
    lastStatus: null,
    state: { consecutiveErrors: 0 },
  };
  const answer =
    (name: string, value: unknown) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return value as never;
    };
  const agent: Agent = {
    listSessions: answer("listSessions", [toolSession("main"), toolSession("s1"), toolSession("s2")]),
    history: answer("history", messages),
    session: async (key) => {
      if (key !== "main") throw new AppError("not_found", `No session ${key}`);
      return toolSession(key);
    },
    send: answer("send", { runId: "run_2", sessionKey: "s1", ...reply }),
    spawn: answer("spawn", { runId: "run_3", sessionKey: "child", room: { depth: 3, running: 15, runs: 199 } }),
    part: answer("part", undefined),
    confirmPart: answer("confirmPart", undefined),
    skills: {
      get: answer("get", undefined),
      text: answer("text", ""),
      message: answer("message", undefined),
      confirm: answer("confirm", undefined),
    },
    wait: answer("wait", {
      ended: [{ sessionKey: "s1", outcome: "done" }],
      atWork: ["s2"],
      interrupted: false,
      ...waited,
    }),
    steer: answer("steer", { runId: "run_4" }),
    cancel: answer("cancel", 2),
    chat: async () => undefined,
    jobs: {
      list: answer("list", [job]),
      add: answer("add", job),
      update: answer("update", job),
      remove: answer("remove", undefined),
      run: answer("run", undefined),
    },
  };
  return { agent, asked };
}

test("sessions are listed, by kind, with messages on request", async () => {
  const { agent, asked } = scriptedAgent();
  const rows = async (input: object) => JSON.parse((await call(sessionsList, input, toolContext("", { agent }))).text);
  expect(await rows({ limit: 10 })).toMatchObject({
    count: 3,
    sessions: [{ key: "main" }, { key: "s1" }, { key: "s2" }],
  });
  // However many others are newer.
  await rows({ kinds: ["isolated"], limit: 1 });
  expect(asked.at(-1)).toEqual(["listSessions", { kinds: ["isolated"], limit: 1 }]);
  await rows({ kinds: [], limit: 1 });
  expect(asked.at(-1)).toEqual(["listSessions", { limit: 1 }]);
  expect((await rows({ kinds: ["main"], limit: 10, messageLimit: 5 })).sessions[0].messages[0]).toEqual({
    role: "user",
    text: "hi",
    createdAt: stored.createdAt,
  });
});

test("history leaves tool output out unless it is wanted, and cuts long texts", async () => {
  const { agent } = scriptedAgent();
  const read = async (input: object) =>
    JSON.parse((await call(sessionsHistory, { sessionKey: "s1", ...input }, toolContext("", { agent }))).text);
  const short = await read({});
  expect(short.messages.map((one: { role: string }) => one.role)).toEqual(["user", "assistant", "assistant"]);
  expect(short.messages[1].toolCalls).toEqual(["read"]);
  expect(short.messages[2].text).toHaveLength(4000);
  expect((await read({ includeTools: true })).messages).toHaveLength(4);
});

test("a message is sent as asked, and its reply told", async () => {
  const { agent, asked } = scriptedAgent({ outcome: { type: "done", reply: "pong" } });
  const context = toolContext("", { agent });
  expect(JSON.parse((await call(sessionsSend, { sessionKey: "s1", message: "ping" }, context)).text)).toEqual({
    status: "ok",
    runId: "run_2",
    sessionKey: "s1",
    reply: "pong",
  });
  await call(sessionsSend, { sessionKey: "s1", message: "ping", timeoutSeconds: 0 }, context);
  expect(asked).toEqual([
    ["send", { sessionKey: "s1", text: "ping", wait: true, timeoutMs: 120_000 }],
    ["send", { sessionKey: "s1", text: "ping", wait: false, timeoutMs: 3_600_000 }],
  ]);
});

test("a sub-agent is spawned without a wait, and what is left of the ceilings is told", async () => {
  const { agent, asked } = scriptedAgent();
  const input = { task: "look", label: "l", model: "p/m", runTimeoutSeconds: 10, cleanup: "keep", detached: true };
  const result = await call(sessionsSpawn, input, toolContext("", { agent }));
  expect(JSON.parse(result.text)).toEqual({
    status: "accepted",
    runId: "run_3",
    childSessionKey: "child",
    left: { depth: 3, running: 15, runs: 199 },
  });
  expect(asked).toEqual([["spawn", { text: "look", timeoutMs: 10_000, label: "l", model: "p/m", detached: true }]]);
});

test.each([
  [{}, {}, "timed_out"],
  [{ any: true }, { isOver: true }, "ok"],
  [{}, { interrupted: true }, "message"],
])("a wait for sub-agents (%j) that came to %j", async (input, waited, status) => {
  const { agent } = scriptedAgent({}, waited);
  const told = JSON.parse((await call(sessionsWait, input, toolContext("", { agent }))).text);
  expect(told).toMatchObject({ status, note: expect.stringContaining("Results come as messages") });
});

test("a sub-agent is told something, and stopped", async () => {
  const { agent, asked } = scriptedAgent();
  const context = toolContext("", { agent });
  const steered = await call(sessionsSteer, { sessionKey: "s1", message: "faster" }, context);
  expect(JSON.parse(steered.text)).toEqual({ status: "accepted", runId: "run_4", sessionKey: "s1" });
  const cancelled = await call(sessionsCancel, { sessionKey: "s1" }, context);
  expect(JSON.parse(cancelled.text)).toEqual({ status: "ok", cancelled: 2 });
  await call(sessionsCancel, { sessionKey: "s1", tree: false }, context);
  await call(sessionsWait, { sessionKeys: ["s1", "s1"], timeoutSeconds: 2 }, context);
  expect(asked).toEqual([
    ["steer", { sessionKey: "s1", text: "faster" }],
    ["cancel", { sessionKey: "s1", tree: true }],
    ["cancel", { sessionKey: "s1", tree: false }],
    ["wait", { any: false, timeoutMs: 2000, sessionKeys: ["s1"] }],
  ]);
});

test("status is this session's unless another is named", async () => {
  const { agent } = scriptedAgent();
  const context = toolContext("", { agent });
  expect(JSON.parse((await call(sessionStatus, {}, context)).text)).toMatchObject({
    key: "main",
    state: "idle",
    now: expect.stringMatching(/Z$/),
  });
  await expect(call(sessionStatus, { sessionKey: "gone" }, context)).rejects.toMatchObject({ code: "not_found" });
});

test("jobs are kept by the agent; whatever changes them asks", async () => {
  const { agent, asked } = scriptedAgent();
  const context = toolContext("", { agent });
  const job = { name: "n", schedule: { kind: "every", everyMs: 1000 } };
  for (const input of [
    { action: "list" },
    { action: "add", job },
    { action: "update", jobId: "job_1", patch: { enabled: false } },
    { action: "remove", id: "job_1" },
    { action: "run", jobId: "job_1" },
  ] as const) {
    await call(cron, input, context);
    expect((await askOf(cron, input, context)) === undefined, input.action).toBe(input.action === "list");
  }
  expect(asked).toEqual([
    ["list"],
    ["add", job],
    ["update", "job_1", { enabled: false }],
    ["remove", "job_1"],
    ["run", "job_1"],
  ]);
  await expect(call(cron, { action: "add" }, context)).rejects.toThrow("cron needs job for this action");
  await expect(call(cron, { action: "remove" }, context)).rejects.toMatchObject({ code: "bad_request" });
});

test("the list of steps is drawn", async () => {
  const items = [
    { text: "a", status: "done" },
    { text: "b", status: "in_progress" },
    { text: "c", status: "pending" },
  ];
  expect((await call(todo, { items }, toolContext(""))).text).toBe("[x] a\n[>] b\n[ ] c");
  expect((await call(todo, { items: [] }, toolContext(""))).text).toBe("The list is empty");
});

test("an item of the list is one line, however it was written", async () => {
  const items = [{ text: "first\n[x] not an item of its own", status: "pending" }];
  expect((await call(todo, { items }, toolContext(""))).text).toBe("[ ] first [x] not an item of its own");
});
