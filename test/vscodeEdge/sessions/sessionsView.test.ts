import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { RunningCore } from "../../../src/core/createCore.ts";
import type { Session } from "../../../src/protocol/session.ts";
import { deleteSessions } from "../../../src/vscode/choices/deleteSessions.ts";
import { SessionsView } from "../../../src/vscode/sessions/sessionsView.ts";
import { openBench } from "../../core/bench.ts";
import { createEdgeGateway, createEdgeWindow, quiet, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";
import { NOTHING, session } from "./sessionRow.ts";

function openView(sessions: Session[], answers: object = {}) {
  openScreen();
  const gateway = createEdgeGateway({
    "sessions.list": ({ pinned, archived }: { pinned?: boolean; archived?: boolean }) => ({
      sessions: pinned || archived ? [] : sessions,
    }),
    ...answers,
  });
  const view = new SessionsView(toGateway(gateway), quiet);
  return { gateway, view };
}

interface Given {
  sessionKey: string;
}

/** What the gateway does about deleted sessions, over a core. */
const deletionsOf = ({ sessions }: RunningCore) => ({
  "sessions.delete": async ({ sessionKey }: Given) => ({
    deleted: (await sessions.delete(sessionKey, { undoMs: 20_000 })) !== undefined,
  }),
  "sessions.restore": ({ sessionKey }: Given) => sessions.restore(sessionKey),
});

const listed = async ({ sessions }: RunningCore) =>
  (await sessions.list({ limit: 9 })).sessions.map(({ key }) => key).toSorted();

test("a hover tells state, model, tokens and the last error, and asks only then", async () => {
  const status = {
    context: { usedTokens: 1234, percent: 12.4 },
    lastError: "The provider said no: 529",
    model: "anthropic/claude",
    usage: { ...NOTHING, inputTokens: 1000, outputTokens: 200, costUsd: 0.0123 },
    runs: { total: 3, failed: 1 },
  };
  const { gateway, view } = openView([session("a", { title: "Beds", state: "failed" })], { "session.status": status });
  const [node] = await view.getChildren();
  const item = view.getTreeItem(node!);
  expect(item.tooltip).toBeUndefined();
  expect(gateway.calls.map(([name]) => name)).not.toContain("session.status");
  const { tooltip } = await view.resolveTreeItem(item, node!);
  const lines = (tooltip as { value: string }).value.split("\n\n");
  expect(lines).toEqual([
    "Beds",
    "State: failed",
    "Last error: The provider said no: 529",
    "Model: anthropic/claude",
    "Usage: 1,200 tokens, $0.0123",
    "Context: 1,234 (12 %)",
    "Runs: 3 (1 failed)",
    "Key: a",
  ]);
  // One of its requests was stopped.
  Object.assign(status, { usage: { ...status.usage, costUsd: null, knownUsd: 0.0123 } });
  const again = await view.resolveTreeItem(item, node!);
  expect((again.tooltip as { value: string }).value).toContain("Usage: 1,200 tokens, ≥ $0.0123");
  view.dispose();
});

test("a session that the chat shows before the tree knows it is selected once its row is there", async () => {
  const { gateway, view } = openView([session("main")]);
  const tree = screen.trees[0]!;
  const revealed: unknown[] = [];
  tree["reveal"] = (node: { key: string }) => {
    revealed.push(node.key);
    tree["selection"] = [node];
  };
  await view.getChildren();
  await view.select("main");
  await view.select("new");
  expect(revealed).toEqual(["main"]);
  gateway.tell({ type: "session.changed", session: session("new") });
  await expect.poll(() => revealed, { timeout: 20_000 }).toEqual(["main", "new"]);
  // Nor does the tree know what it was not asked for since.
  gateway.tell({ type: "session.changed", session: session("newest") });
  await view.select("newest");
  expect(revealed).toEqual(["main", "new"]);
  await expect.poll(() => revealed, { timeout: 20_000 }).toEqual(["main", "new", "newest"]);
  view.dispose();
});

test("the session that the chat shows is selected again after the gateway was away, and nothing else is let go of for it", async () => {
  const { gateway, view } = openView([session("main"), session("other")]);
  const tree = screen.trees[0]!;
  const revealed: unknown[] = [];
  tree["reveal"] = (node: { key: string }) => {
    revealed.push(node.key);
    tree["selection"] = [node];
  };
  const running = gateway.status;
  const [, other] = await view.getChildren();
  await view.select("main");
  // Without rows nothing is selected.
  gateway.become({ state: "stopped" });
  expect(await view.getChildren()).toEqual([]);
  tree["selection"] = [];
  gateway.become(running);
  await view.getChildren();
  await expect.poll(() => revealed, { timeout: 20_000 }).toEqual(["main", "main"]);
  // Where the rows stay, what somebody chose there stays.
  tree["selection"] = [other];
  view.refresh();
  await view.getChildren();
  gateway.tell({ type: "session.changed", session: session("new", { parentKey: "other", state: "running" }) });
  await expect.poll(() => revealed, { timeout: 20_000 }).toEqual(["main", "main", "other"]);
  view.dispose();
});

test("a session that is clicked while another's row is about to be selected is the one that is selected in the end", async () => {
  const { view } = openView([session("main"), session("clicked")]);
  const tree = screen.trees[0]!;
  const arrived: (() => void)[] = [];
  tree["visible"] = true;
  tree["reveal"] = (node: { key: string }) =>
    new Promise<void>((done) => {
      arrived.push(() => {
        tree["selection"] = [node];
        done();
      });
    });
  const clicked = (await view.getChildren()).find((node) => "key" in node && node.key === "clicked");
  const first = view.select("main");
  await expect.poll(() => arrived.length).toBe(1);
  tree["selection"] = [clicked];
  const second = view.select("clicked");
  arrived[0]!();
  await first;
  await expect.poll(() => arrived.length).toBe(2);
  arrived[1]!();
  await second;
  expect(view.selection).toEqual([clicked]);
  view.dispose();
});

test("a badge on the view's icon counts what waits for an answer, and goes with the last", () => {
  const { view } = openView([]);
  view.setWaiting(2);
  expect(screen.trees[0]!["badge"]).toEqual({ value: 2, tooltip: "2 approvals wait for you" });
  view.setWaiting(0);
  expect(screen.trees[0]!["badge"]).toBeUndefined();
  view.dispose();
});

test("a refresh gives the tree the same rows by the same ids, so that what is open and chosen stays", async () => {
  const { view } = openView([session("a"), session("b", { parentKey: "a" })]);
  const before = await view.getChildren();
  const beneath = await view.getChildren(before[0]);
  const ids = [...before, ...beneath].map((node) => view.getTreeItem(node).id);
  let told = 0;
  view.onDidChangeTreeData(() => (told += 1));
  view.refresh();
  expect(told).toBe(1);
  const after = await view.getChildren();
  expect(after[0]).toBe(before[0]);
  expect((await view.getChildren(after[0]))[0]).toBe(beneath[0]);
  expect([...after, ...beneath].map((node) => view.getTreeItem(node).id)).toEqual(ids);
  expect(ids).toEqual(["a", "b"]);
  view.dispose();
});

test.each([
  ["running", "running"],
  ["waiting", "waiting"],
  ["failed", "failed"],
  ["idle", "idle"],
] as const)("a row that is %s says so to a screen reader", async (state, word) => {
  const { view } = openView([session("a", { title: "Beds", state, pinned: true })]);
  const [node] = await view.getChildren();
  const label = view.getTreeItem(node!).accessibilityInformation!.label;
  expect(label).toMatch(new RegExp(`^Beds, pinned, .*${word}`));
  view.dispose();
});

test("what happens while the list is on its way counts: what is deleted is no row, and what ended runs no more", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sessions = [session("a", { state: "running" }), session("b"), session("c")];
  const list = async ({ archived }: { archived?: boolean }) => {
    if (archived) await promise;
    return { sessions: archived ? [] : sessions };
  };
  const { gateway, view } = openView([], { "sessions.list": list });
  const listing = view.getChildren();
  gateway.tell({ type: "session.changed", session: session("a") });
  gateway.tell({ type: "session.deleted", sessionKey: "b" });
  resolve();
  expect(await listing).toEqual([{ key: "a" }, { key: "c" }]);
  expect(view.rows.countBusy()).toBe(0);
  view.dispose();
});

test("what was asked for before a refresh is not shown after it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let answers = [session("gone")];
  const list = async () => {
    const sessions = answers;
    if (sessions[0]?.key === "gone") await promise;
    return { sessions };
  };
  const { gateway, view } = openView([], { "sessions.list": list });
  const before = view.getChildren();
  // Nor what was told by then.
  gateway.tell({ type: "session.changed", session: session("gone") });
  answers = [session("a")];
  view.refresh();
  expect(await view.getChildren()).toEqual([{ key: "a" }]);
  resolve();
  await before;
  expect(await view.getChildren()).toEqual([{ key: "a" }]);
  view.dispose();
});

test("several are deleted after one question that names them, and come back together", async () => {
  const { gateway, view } = openView([], { "sessions.delete": { deleted: true }, "sessions.restore": {} });
  const { window } = createEdgeWindow(gateway, { sessions: view });
  for (const key of ["a", "b"]) view.rows.put(session(key, { title: `Bed ${key}` }));
  await deleteSessions(window, ["a", "b"]);
  expect(screen.asked).toMatchObject([{ text: "Delete 2 sessions?", detail: expect.stringContaining("Bed a\nBed b") }]);
  expect(gateway.calls).toEqual([]);
  screen.answers.push([/^Delete 2/, "Delete"], [/are deleted/, "Undo"]);
  await deleteSessions(window, ["a", "b"]);
  await expect
    .poll(() => gateway.calls.map(([name]) => name))
    .toEqual(["sessions.delete", "sessions.delete", "sessions.restore", "sessions.restore"]);
  view.dispose();
});

test.each([
  { first: "the session", rows: true },
  { first: "its sub-agent", rows: true },
  { first: "the session", rows: false },
  { first: "its sub-agent", rows: false },
])("a session and its sub-agent, deleted with $first first, come back (rows known: $rows)", async ({ first, rows }) => {
  const { core } = await openBench();
  const { key } = await core.sessions.create({ title: "Harbour" });
  const child = (await core.sessions.create({ title: "Cranes", parentKey: key })).key;
  const { gateway, view } = openView([], deletionsOf(core));
  const { window } = createEdgeWindow(gateway, { sessions: view });
  if (rows) for (const row of [session(key), session(child, { parentKey: key })]) view.rows.put(row);
  screen.answers.push([/^Delete/, "Delete"], [/deleted/, "Undo"]);
  await deleteSessions(window, first === "the session" ? [key, child] : [child, key]);
  await expect.poll(() => listed(core)).toEqual(["main", key, child].toSorted());
  expect(screen.asked.map(({ kind }) => kind)).toEqual(["warning", "information"]);
  view.dispose();
});

test("a sub-agent of main is deleted beside main, which is only emptied", async () => {
  const { core } = await openBench();
  const child = (await core.sessions.create({ title: "Cranes", parentKey: "main" })).key;
  const { gateway, view } = openView([], deletionsOf(core));
  const { window } = createEdgeWindow(gateway, { sessions: view });
  for (const row of [session("main"), session(child, { parentKey: "main" })]) view.rows.put(row);
  screen.answers.push([/^Delete/, "Delete"]);
  await deleteSessions(window, ["main", child]);
  expect(await listed(core)).toEqual(["main"]);
  view.dispose();
});

test("what is gone comes back though the next could not be deleted, and one that cannot come back holds up no other", async () => {
  const { core } = await openBench();
  const [a, b, c] = await Promise.all(
    ["a", "b", "c"].map(async (title) => (await core.sessions.create({ title })).key),
  );
  const real = deletionsOf(core);
  const refused = new AppError("unavailable", "The store is busy");
  const { gateway, view } = openView([], {
    "sessions.delete": (given: Given) =>
      given.sessionKey === c ? Promise.reject(refused) : real["sessions.delete"](given),
    "sessions.restore": (given: Given) =>
      given.sessionKey === b ? Promise.reject(refused) : real["sessions.restore"](given),
  });
  const { window } = createEdgeWindow(gateway, { sessions: view });
  screen.answers.push([/^Delete/, "Delete"], [/deleted/, "Undo"]);
  await expect(deleteSessions(window, [a!, b!, c!])).rejects.toBe(refused);
  await expect.poll(() => listed(core)).toEqual(["main", a, c].toSorted());
  await expect.poll(() => screen.asked.at(-1)?.text).toBe("The store is busy");
  view.dispose();
});
