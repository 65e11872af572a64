import { expect, test } from "vitest";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Gateway } from "../../webview-ui/state/panelRoutes.ts";
import { createPanelSession } from "../../webview-ui/state/sessionState.ts";
import { createSessionList } from "../../webview-ui/state/sessionList.ts";
import { openPanelClient } from "./panelClient.ts";
import { endTool, say } from "./scenes.ts";

/** A gateway whose answers the test gives one by one, in any order. */
function openHandGateway() {
  const open: { method: string; params: unknown; resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const listeners = new Set<(event: GatewayEvent) => void>();
  const gateway = {
    call: (method: string, params: unknown) =>
      new Promise((resolve, reject) => open.push({ method, params, resolve, reject })),
    onEvent(listener: (event: GatewayEvent) => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onClose: () => ({ dispose: () => {} }),
    close: () => {},
  } as unknown as Gateway;

  /** Takes the oldest open call of this method, about this session if one is named. */
  function take(method: string, sessionKey?: string) {
    const at = open.findIndex(
      (call) =>
        call.method === method &&
        (sessionKey === undefined || (call.params as { sessionKey?: string }).sessionKey === sessionKey),
    );
    if (at < 0) throw new Error(`No open call of ${method} ${sessionKey}; open: ${open.map((call) => call.method)}`);
    return open.splice(at, 1)[0]!;
  }

  return {
    gateway,
    tell: (event: GatewayEvent) => listeners.forEach((listener) => listener(event)),
    answer: async (method: string, value: unknown, sessionKey?: string) => settle(take(method, sessionKey), value),
    refuse: async (method: string, message: string, sessionKey?: string, code = "not_found") => {
      take(method, sessionKey).reject(Object.assign(new Error(message), { code }));
      await turn();
    },
    openCalls: () => open.map((call) => call.method),
    /** Answers all that a session's load asks for. */
    async load(sessionKey: string, texts: string[]) {
      await settle(take("sessions.history", sessionKey), history(sessionKey, texts));
      await settle(take("runs.list", sessionKey), { runs: [], count: 0 });
      await settle(take("approvals.list", sessionKey), { approvals: [], count: 0 });
      await settle(take("events.subscribe", sessionKey), { subscriptionId: sessionKey, lastEventId: 9 });
      await settle(take("session.status", sessionKey), { sessionKey });
    },
  };

  async function settle(call: ReturnType<typeof take>, value: unknown) {
    call.resolve(value);
    await turn();
  }
}

/** All that follows from what has been settled has happened. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function history(sessionKey: string, texts: string[], hasMore = false) {
  const messages = texts.map((text, at) => ({
    ...{ id: at + 1, seq: at + 1, runId: "r", role: "user", text, origin: { via: "panel" } },
    createdAt: "2026-01-01T00:00:00.000Z",
  }));
  return { sessionKey, messages, hasMore, lastEventId: texts.length };
}

const deleted = (sessionKey: string) =>
  ({ type: "session.deleted", sessionKey, id: 1, at: "2026-01-01T00:00:00.000Z" }) as GatewayEvent;
const changed = (key: string, more: object = {}) =>
  ({
    type: "session.changed",
    session: { key, kind: "isolated", state: "idle", messageCount: 0, updatedAt: "2026-01-01T00:00:00.000Z", ...more },
    ...{ id: 1, at: "2026-01-01T00:00:00.000Z" },
  }) as GatewayEvent;

const texts = (session: ReturnType<typeof createPanelSession>) =>
  session.state.messages.value.map((message) => (message as { text: string }).text);

/** Every call of a load, by which one it is that fails after the panel has moved on. */
const steps = ["sessions.history", "runs.list", "approvals.list", "events.subscribe", "session.status"] as const;

test.each(steps)("a load that is void says nothing: %s fails after its session was deleted", async (failing) => {
  const { gateway, tell, answer, refuse, load } = openHandGateway();
  const session = createPanelSession(gateway, "old");
  void session.reload();
  await turn();
  const answers: Record<string, unknown> = {
    "sessions.history": history("old", ["before"]),
    "runs.list": { runs: [] },
    "approvals.list": { approvals: [] },
    "events.subscribe": { subscriptionId: "old" },
  };
  for (const step of steps.slice(0, steps.indexOf(failing))) await answer(step, answers[step], "old");
  tell(deleted("old"));
  await turn();
  await refuse(failing, `No session "old" exists`, "old");
  // The subscription that was made is given back first.
  if (failing === "session.status") await answer("events.unsubscribe", {});
  await load("main", ["hello"]);
  expect([session.key.value, session.phase.value, texts(session)]).toEqual(["main", "ready", ["hello"]]);
  expect(session.problem.value).toBeUndefined();
});

test("what fails for a session that was left is not told over the one that is shown", async () => {
  const { gateway, answer, refuse, load } = openHandGateway();
  const session = createPanelSession(gateway, "old");
  void session.reload();
  await turn();
  await answer("sessions.history", history("old", ["b"], true), "old");
  for (const [step, value] of [
    ["runs.list", { runs: [] }],
    ["approvals.list", { approvals: [] }],
    ["events.subscribe", { subscriptionId: "old" }],
  ] as const)
    await answer(step, value, "old");
  void session.loadOlder();
  await turn();
  void session.show("next");
  await turn();
  await answer("events.unsubscribe", {});
  await refuse("sessions.history", "The store is busy", "old", "unavailable");
  await refuse("session.status", "The store is busy", "old", "unavailable");
  await load("next", ["hi"]);
  expect([session.problem.value, session.key.value, texts(session)]).toEqual([undefined, "next", ["hi"]]);
});

test("older messages of the session that is shown are asked for while another's are still on their way", async () => {
  const { gateway, answer, openCalls } = openHandGateway();
  const session = createPanelSession(gateway, "old");
  void session.reload();
  await turn();
  await answer("sessions.history", history("old", ["b"], true), "old");
  for (const step of ["runs.list", "approvals.list"]) await answer(step, { runs: [], approvals: [] }, "old");
  await answer("events.subscribe", { subscriptionId: "old" }, "old");
  await answer("session.status", {}, "old");
  void session.loadOlder();
  void session.show("next");
  await turn();
  await answer("events.unsubscribe", {});
  await answer("sessions.history", history("next", ["n"], true), "next");
  for (const step of ["runs.list", "approvals.list"]) await answer(step, { runs: [], approvals: [] }, "next");
  void session.loadOlder();
  await turn();
  expect(openCalls().filter((method) => method === "sessions.history")).toHaveLength(2);
  await answer("sessions.history", history("old", ["a"]), "old");
  expect(texts(session)).toEqual(["n"]);
  await answer("sessions.history", history("next", ["m"]), "next");
  expect(texts(session)).toEqual(["m", "n"]);
});

test("a session that is reset while it loads is read again", async () => {
  const { gateway, tell, answer, load } = openHandGateway();
  const session = createPanelSession(gateway, "old");
  void session.reload();
  await turn();
  await answer("sessions.history", history("old", ["erased"]), "old");
  tell(changed("old"));
  await turn();
  for (const step of ["runs.list", "approvals.list"]) await answer(step, { runs: [], approvals: [] }, "old");
  await load("old", []);
  expect([session.phase.value, texts(session)]).toEqual(["ready", []]);
});

test("what one session is sent or asked to stop does not show in the next", async () => {
  const { gateway, tell, answer, refuse, load } = openHandGateway();
  const session = createPanelSession(gateway, "old");
  void session.reload();
  await turn();
  await load("old", []);
  const started = {
    type: "run.started",
    model: "offline/demo",
    origin: { via: "panel" },
    runId: "r",
    sessionKey: "old",
  };
  tell({ ...started, id: 1, seq: 1, at: "2026-01-01T00:00:00.000Z" } as GatewayEvent);
  void session.send({
    written: { text: "for the old one", attachments: [], refs: [] },
    said: { message: "for the old one" },
    sessionKey: "old",
  });
  void session.stop();
  void session.show("next");
  await turn();
  expect([session.rows.value, session.isBusy.value, session.isStopping.value]).toEqual([[], false, false]);
  await answer("events.unsubscribe", {});
  await load("next", []);
  await refuse("runs.cancel", `No session "old" exists`);
  expect(session.problem.value).toBeUndefined();
  // A message that was lost is told wherever one is.
  await refuse("sessions.send", `No session "old" exists`);
  expect([session.problem.value, session.rows.value]).toEqual([`No session "old" exists`, []]);
});

test("a list of sessions that was on its way brings back none that was deleted meanwhile", async () => {
  const { gateway, tell, answer } = openHandGateway();
  const list = createSessionList(gateway);
  void list.refresh();
  tell(deleted("gone"));
  tell(changed("new", { title: "New" }));
  const entry = { title: null, state: "idle", parentKey: null, updatedAt: "2026-01-01T00:00:00.000Z" };
  await answer("sessions.list", { sessions: ["main", "gone", "new"].map((key) => ({ key, ...entry })) });
  await answer("sessions.list", { sessions: [] });
  expect([...list.entries.value.values()].map(({ key, title }) => [key, title])).toEqual([
    ["main", null],
    ["new", "New"],
  ]);
});

test("a gateway that says again and again that it runs is subscribed to once", async () => {
  const { fake, gateway } = openPanelClient();
  const list = createSessionList(gateway);
  const session = createPanelSession(gateway, "main");
  for (let times = 0; times < 10; times++) await Promise.all([list.follow(), list.follow()]);
  await session.reload();
  expect([session.problem.value, session.phase.value]).toEqual([undefined, "ready"]);
  expect(fake.subscriptions()).toBe(2);
  fake.loseWire();
  await list.follow();
  expect(fake.subscriptions()).toBe(1);
});

test("a message that waits is shown again when its session is read again", async () => {
  const { fake, gateway } = openPanelClient();
  fake.addSession({ key: "other" });
  const session = createPanelSession(gateway, "main");
  await session.reload();
  const { id } = fake.submit("main", "first");
  const waiting = fake.submit("main", "then this");
  const message = { role: "assistant", text: "On it", toolCalls: [], model: "offline/demo" } as const;
  await fake.emit(id, { type: "message", message });
  const shown = () => session.rows.value.filter(({ type }) => type === "pending");
  const row = { type: "pending", key: `queued-${waiting.id}`, runId: waiting.id, isNext: true, text: "then this" };
  expect(shown()).toEqual([{ ...row, origin: waiting.origin }]);
  await session.show("other");
  expect(shown()).toEqual([]);
  await session.show("main");
  expect(shown()).toEqual([{ ...row, origin: waiting.origin }]);
  await fake.finish(id, { type: "done", reply: "" });
  expect(shown()).toEqual([]);
});

test("what a call puts out is shown while it comes also after the session was read again, where a call beside it has ended", async () => {
  const { fake, gateway } = openPanelClient();
  const session = createPanelSession(gateway, "main");
  await session.reload();
  const { id } = fake.submit("main", "Test both");
  const toolCalls = ["a", "b"].map((call) => ({ id: call, name: "exec", input: { command: call } }));
  await fake.emit(
    id,
    say("", { toolCalls }),
    ...toolCalls.map((call) => ({ type: "tool.started" as const, callId: call.id, name: "exec", input: call.input })),
    ...endTool("a", "exec", "done"),
  );
  await session.reload();
  for (const text of ["1 of 9", ", 2 of 9"]) await fake.emit(id, { type: "tool.progress", callId: "b", text });
  const shown = session.rows.value.flatMap((row) => (row.type === "tool" ? [row.call] : []));
  expect(shown.map(({ id: call, name, state, live }) => [call, name, state, live?.progress])).toEqual([
    ["a", "exec", "ok", undefined],
    ["b", "exec", "running", "1 of 9, 2 of 9"],
  ]);
});

test("an answer that was cut short says so where nobody knows its run, as in a fork, and once where its run does", async () => {
  const { gateway, answer } = openHandGateway();
  const session = createPanelSession(gateway, "s");
  const said = (seq: number, runId: string, more: object) => ({
    ...{ seq, runId, text: `Word ${seq}`, role: "assistant", createdAt: "2026-01-01T00:00:00.000Z", ...more },
  });
  const messages = [
    said(1, "fork", { ended: "stopped" }),
    said(2, "fork", { role: "user", origin: { via: "panel" } }),
    said(3, "fork", {}),
    said(4, "own", { ended: "stopped" }),
    said(5, "fork", { ended: "stopped", cutBy: "time_limit" }),
    said(6, "fork", { ended: "stopped", cutBy: "fault" }),
  ];
  const own = { runId: "own", state: "finished", outcome: { type: "cancelled", reply: "" } };
  void session.reload();
  await turn();
  await answer("sessions.history", { messages, hasMore: false, lastEventId: 6 });
  await answer("runs.list", { runs: [own] });
  await answer("approvals.list", { approvals: [] });
  const rows = session.rows.value.map((row) => (row.type === "outcome" ? `${row.key} ${row.outcome.type}` : row.type));
  expect(rows).toEqual([
    ...["assistant", "ended-1 cancelled", "user", "assistant", "assistant", "outcome-own cancelled"],
    ...["assistant", "ended-5 timed_out", "assistant", "ended-6 failed"],
  ]);
});
