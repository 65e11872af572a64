import { expect, test } from "vitest";
import { SessionRows } from "../../../src/vscode/sessions/sessionRows.ts";
import type { Session } from "../../../src/protocol/session.ts";

function session(key: string, minute: number, more: Partial<Session> = {}): Session {
  const updatedAt = `2026-11-22T12:${String(minute).padStart(2, "0")}:00.000Z`;
  const nothing = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  return {
    key,
    kind: key === "main" ? "main" : "isolated",
    title: null,
    state: "idle",
    model: null,
    parentKey: null,
    workspace: null,
    pinned: false,
    archived: false,
    createdAt: updatedAt,
    updatedAt,
    messageCount: 0,
    contextTokens: 0,
    usage: nothing,
    ...more,
  };
}

/** The tree as lines, children indented. */
function draw(rows: SessionRows, level: Session[] = rows.roots(), indent = ""): string[] {
  return level.flatMap(({ key }) => [indent + key, ...draw(rows, rows.children(key), `${indent}  `)]);
}

test("main comes first, then the newest; children stand beneath their parents", () => {
  const rows = new SessionRows();
  rows.addPage({
    sessions: [
      session("b", 9),
      session("b1", 8, { parentKey: "b" }),
      session("b2", 9, { parentKey: "b" }),
      session("b11", 7, { parentKey: "b1" }),
      session("main", 1),
      session("a", 10),
    ],
  });
  expect(draw(rows)).toEqual(["main", "a", "b", "  b2", "  b1", "    b11"]);
  expect(rows.parent("b11")?.key).toBe("b1");
});

test("a child stands at the root until its parent's page is loaded", () => {
  const rows = new SessionRows();
  rows.addPage({ sessions: [session("child", 9, { parentKey: "old" })], nextCursor: "next" });
  expect(draw(rows)).toEqual(["child"]);
  expect(rows.hasMore).toBe(true);
  rows.addPage({ sessions: [session("old", 1)] });
  expect(draw(rows)).toEqual(["old", "  child"]);
  expect(rows.hasMore).toBe(false);
});

test("an event moves a session up, and a deleted one takes its children along", () => {
  const rows = new SessionRows();
  rows.addPage({ sessions: [session("a", 9), session("b", 5), session("b1", 4, { parentKey: "b" })] });
  rows.put(session("b", 10, { state: "running" }));
  expect(draw(rows)).toEqual(["b", "  b1", "a"]);
  expect(rows.countBusy()).toBe(1);
  rows.delete("b");
  expect(draw(rows)).toEqual(["a"]);
  expect(rows.countBusy()).toBe(0);
});

test("what is pinned comes after main, and what is archived stands apart with what is beneath it", () => {
  const rows = new SessionRows();
  rows.addPage({
    sessions: [
      session("new", 9),
      session("old", 1, { pinned: true }),
      session("main", 0),
      session("away", 8, { archived: true }),
      session("away-child", 7, { parentKey: "away" }),
    ],
  });
  expect(draw(rows)).toEqual(["main", "old", "new"]);
  expect(draw(rows, rows.archived())).toEqual(["away", "  away-child"]);
});
