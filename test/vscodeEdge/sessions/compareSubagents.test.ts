import { expect, test } from "vitest";
import { compareSubagents } from "../../../src/vscode/sessions/compareSubagents.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };

test("how each ended is said in words", async () => {
  openScreen();
  const subagent = (type: string) => ({
    ...{ key: type, kind: "isolated", title: type, state: "idle", model: type, depth: 1, usage },
    run: { outcome: { type, reply: "" }, startedAt: null, finishedAt: null },
  });
  const gateway = createEdgeGateway({
    "subagents.list": { subagents: ["timed_out", "cancelled", "done"].map(subagent) },
    "worktrees.list": { worktrees: [] },
    "sessions.history": { messages: [] },
  });
  let page = "";
  const documents = { openPage: async (_name: string, markdown: string) => void (page = markdown) };
  const { window } = createEdgeWindow(gateway, { documents, sessions: { rows: new Map() } });
  await compareSubagents(window, { key: "main" });
  expect(page).toMatch(/^\| State +\| done +\| stopped +\| out of time +\|$/m);
});

interface Now {
  state?: string;
  worktree?: { state: "ok" | "missing"; ahead: number; uncommitted: number; atWork?: string[] };
}

/** Two sub-agents are compared, and the first one's work is kept: it is looked at as `then`, and is `now` by the last yes. */
async function keepFirst(then: Now, now: Now) {
  openScreen([
    [/are compared/, "Keep one…"],
    [/^Keep one, remove/, "first"],
    [/^Keep what/, "Keep it"],
  ]);
  let isPressed = false;
  const subagents = (first: Now) =>
    ["first", "second"].map((key) => ({
      ...{ key, kind: "isolated", title: key, state: key === "first" ? (first.state ?? "idle") : "idle", model: key },
      ...{ depth: 1, usage, run: null },
    }));
  const worktrees = ({ worktree }: Now) => [
    ...(worktree ? [{ name: "tree-first", branch: "b1", sessionKey: "first", atWork: [], ...worktree }] : []),
    { name: "tree-second", branch: "b2", sessionKey: "second", state: "ok", ahead: 1, uncommitted: 1, atWork: [] },
  ];
  const gateway = createEdgeGateway({
    "subagents.list": () => ({ subagents: subagents(isPressed ? now : then).toReversed() }),
    "worktrees.list": () => ({ worktrees: worktrees(isPressed ? now : then) }),
    "worktrees.diff": { patch: "" },
    "sessions.history": { messages: [] },
    "worktrees.merge": {},
    "sessions.delete": {},
    "worktrees.remove": {},
  });
  const documents = { openPage: async () => void (isPressed = true) };
  const { window } = createEdgeWindow(gateway, { documents, sessions: { rows: new Map() } });
  await compareSubagents(window, { key: "main" });
  const changing = ["worktrees.merge", "sessions.delete", "worktrees.remove"];
  return gateway.calls.filter(([name]) => changing.includes(name));
}

test("what one did after it was compared is merged, and its worktree is not removed by force", async () => {
  const still = { state: "ok", ahead: 0, uncommitted: 0 } as const;
  const done = { state: "ok", ahead: 0, uncommitted: 3 } as const;
  expect(await keepFirst({ state: "running", worktree: still }, { worktree: done })).toEqual([
    ["worktrees.merge", { name: "tree-first" }],
    ["sessions.delete", { sessionKey: "second" }],
    ["worktrees.remove", { name: "tree-second", force: true }],
    ["worktrees.remove", { name: "tree-first", force: false }],
  ]);
  expect(screen.said).toEqual([]);
});

test("nothing goes where the one that is kept still works, or its worktree cannot be read", async () => {
  const worktree = { state: "ok", ahead: 1, uncommitted: 0 } as const;
  const missing = { state: "missing", ahead: 0, uncommitted: 0 } as const;
  await expect(keepFirst({ worktree }, { state: "running", worktree })).rejects.toThrow("first is still at work");
  const used = { state: "ok" as const, ahead: 0, uncommitted: 0, atWork: ["below"] };
  await expect(keepFirst({ worktree }, { worktree: used })).rejects.toThrow("first is still at work");
  await expect(keepFirst({ worktree }, { worktree: missing })).rejects.toThrow("The worktree of first cannot be read");
  await expect(keepFirst({ worktree }, {})).rejects.toThrow("The worktree of first cannot be read");
});
