import { describe, expect, test } from "vitest";
import type { SQLInputValue } from "node:sqlite";
import { CLEANUPS_ABOVE_SQL, CLEANUPS_SQL, LEFT_TO_DO_SQL } from "../../../src/store/sqlite/commit/cleanups.ts";
import { toEventsSql, toMessagesSql } from "../../../src/store/sqlite/eventsTable.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import {
  AT_WORK_SQL,
  FIRST_VIA_SQL,
  JOINING_SQL,
  OTHERWISE_SQL,
  ROOT_COUNT_SQL,
  RESULTS_SQL,
  SPAWN_GOES_ON_SQL,
  SPAWNED_SQL,
  SPENT_SQL,
  TOP_COUNT_SQL,
  toRunsSql,
} from "../../../src/store/sqlite/runsTable.ts";
import { toFoundSql } from "../../../src/store/sqlite/search/searchMessages.ts";
import { toSessionsSql } from "../../../src/store/sqlite/sessionsTable.ts";
import { createScratch } from "./scratch.ts";

// How SQLite goes about each list: a plan that sorts, or reads a table from end to end, is slow in a store that has grown.

const connection = openConnection(await loadSqlite(), createScratch()());

function planOf({ sql, values }: { sql: string; values: SQLInputValue[] }): string[] {
  const rows = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return rows
    .map((row) => String(row.detail))
    .filter((step) => !/json_each|^LIST SUBQUERY|^CREATE BLOOM FILTER/.test(step));
}

const cursor = Buffer.from(JSON.stringify(["2026", "k"])).toString("base64url");

test("a character that very much begins with, beside a word, asks the index once, and not once for each message with it", () => {
  const match = { phrases: '"needle"', ranges: [["a", "b"]] satisfies [string, string][], most: 20 };
  const plan = planOf(toFoundSql(["a", "needle"], match, { text: "", limit: 20 }));
  expect(plan.filter((step) => step.startsWith("SCAN search VIRTUAL"))).toEqual([
    "SCAN search VIRTUAL TABLE INDEX 192:M1",
  ]);
});

describe("plans", () => {
  test.each<[string, { sql: string; values: SQLInputValue[] }, string[]]>([
    [
      "messages",
      toMessagesSql("main", { limit: 50 }),
      ["SEARCH events USING INDEX messages (session_key=? AND seq<?)"],
    ],
    [
      "messages from a place on",
      toMessagesSql("main", { limit: 50, from: 7 }),
      ["SEARCH events USING INDEX messages (session_key=? AND seq>? AND seq<?)"],
    ],
    [
      "messages by role",
      toMessagesSql("main", { limit: 50, before: 9, roles: ["user", "assistant"] }),
      ["SEARCH events USING INDEX messages (session_key=? AND seq<?)"],
    ],
    ["events", toEventsSql({ afterId: 1, limit: 9 }), ["SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"]],
    [
      "events of a session",
      toEventsSql({ afterId: 1, sessionKey: "main", limit: 9 }),
      ["SEARCH events USING INDEX events_by_session (session_key=? AND rowid>?)"],
    ],
    [
      "events of a run",
      toEventsSql({ afterId: 1, sessionKey: "main", runId: "r", limit: 9 }),
      ["SEARCH events USING INDEX events_by_run (run_id=? AND rowid>?)"],
    ],
    [
      "what a run has used",
      toEventsSql({ afterId: 1, runId: "r", type: "usage", limit: 9 }),
      ["SEARCH events USING INDEX events_by_run (run_id=? AND rowid>?)"],
    ],
    ["sessions", toSessionsSql({ limit: 50 }), ["SCAN sessions USING INDEX sessions_newest"]],
    ["pinned", toSessionsSql({ limit: 50, pinned: true }), ["SCAN sessions USING INDEX sessions_pinned"]],
    ["archived", toSessionsSql({ limit: 50, archived: true }), ["SCAN sessions USING INDEX sessions_archived"]],
    ["deleted", toSessionsSql({ limit: 50, deleting: true }), ["SCAN sessions USING INDEX sessions_deleting"]],
    ["not archived", toSessionsSql({ limit: 50, archived: false }), ["SCAN sessions USING INDEX sessions_newest"]],
    [
      "sessions from a cursor",
      toSessionsSql({ limit: 50, cursor }),
      ["SEARCH sessions USING INDEX sessions_newest ((updated_at,key)<(?,?))"],
    ],
    ["sessions by kind", toSessionsSql({ limit: 50, kinds: ["main"] }), ["SCAN sessions USING INDEX sessions_newest"]],
    [
      "children",
      toSessionsSql({ limit: 50, parentKey: "main" }),
      ["SEARCH sessions USING INDEX sessions_by_parent (parent_key=?)"],
    ],
    [
      "sessions by text",
      toSessionsSql({ limit: 50, search: "needle" }),
      ["SCAN sessions USING INDEX sessions_newest", "SCAN search VIRTUAL TABLE INDEX 0:M1"],
    ],
    [
      // What is found is read once, and never searched session by session.
      "messages by their words",
      toFoundSql(["needle"], { phrases: '"needle"', ranges: [], most: 20_000 }, { text: "needle", limit: 20 }),
      [
        "CO-ROUTINE page",
        "CO-ROUTINE hits",
        "COMPOUND QUERY",
        "LEFT-MOST SUBQUERY",
        "MATERIALIZE counted",
        "MATERIALIZE found",
        "SCAN search VIRTUAL TABLE INDEX 192:M1",
        "SCAN found",
        "USE TEMP B-TREE FOR GROUP BY",
        "SCAN counted",
        "UNION ALL",
        "SCAN sessions",
        "SCAN counted",
        "SCAN hits",
        "SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)",
        "USE TEMP B-TREE FOR ORDER BY",
        "SCAN page",
        "SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)",
      ],
    ],
    ["runs", toRunsSql({ limit: 50 }), ["SCAN runs"]],
    [
      "sessions that go when what is left to do has ended",
      { sql: CLEANUPS_SQL, values: [] },
      [
        "CO-ROUTINE above",
        "SETUP",
        "SCAN runs USING INDEX runs_unfinished",
        "RECURSIVE STEP",
        "SCAN above",
        "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)",
        "SCAN above",
        "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)",
      ],
    ],
    [
      "those of them that a session is or is below",
      { sql: CLEANUPS_ABOVE_SQL, values: ["a"] },
      [
        "CO-ROUTINE above",
        "SETUP",
        "SCAN CONSTANT ROW",
        "RECURSIVE STEP",
        "SCAN above",
        "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)",
        "SCAN above",
        "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)",
      ],
    ],
    [
      "whether something is left to do in a session or below it",
      { sql: LEFT_TO_DO_SQL, values: ["a"] },
      [
        "CO-ROUTINE below",
        "SETUP",
        "SCAN CONSTANT ROW",
        "RECURSIVE STEP",
        "SCAN below",
        "SEARCH sessions USING COVERING INDEX sessions_by_parent (parent_key=?)",
        "SCAN below",
        "SEARCH runs USING INDEX runs_unfinished (session_key=?)",
      ],
    ],
    [
      "sessions at work",
      { sql: AT_WORK_SQL, values: [] },
      ["SCAN runs USING INDEX runs_unfinished", "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (key=?)"],
    ],
    [
      "unfinished runs of a session",
      toRunsSql({ limit: 50, sessionKey: "main", states: ["queued"] }),
      ["SEARCH runs USING INDEX runs_unfinished (session_key=?)"],
    ],
    [
      "runs that a run led to",
      { sql: ROOT_COUNT_SQL, values: ["r"] },
      ["SEARCH runs USING COVERING INDEX runs_by_root (root=?)"],
    ],
    [
      "unfinished sub-agents of a session",
      { sql: TOP_COUNT_SQL, values: ["main"] },
      ["SEARCH runs USING COVERING INDEX runs_by_top (top=?)"],
    ],
    [
      "what a session's first run came by",
      { sql: FIRST_VIA_SQL, values: ["main"] },
      ["SEARCH runs USING INDEX runs_by_session (session_key=?)"],
    ],
    [
      "whether a run of a session came by anything else",
      { sql: OTHERWISE_SQL, values: ["main", "[]"] },
      ["SEARCH runs USING INDEX runs_by_session (session_key=?)"],
    ],
    [
      "what may join a run",
      { sql: JOINING_SQL, values: ["main"] },
      ["SEARCH runs USING INDEX runs_joining (session_key=?)"],
    ],
    [
      "results that wait in a session",
      { sql: RESULTS_SQL, values: ["main", "r"] },
      [
        "SEARCH runs USING INDEX runs_joining (session_key=?)",
        "CORRELATED SCALAR SUBQUERY 1",
        "SEARCH of USING INDEX sqlite_autoindex_runs_1 (id=?)",
      ],
    ],
    [
      "unfinished runs below a session",
      { sql: SPAWNED_SQL, values: ["main"] },
      [
        "CO-ROUTINE tree",
        "SETUP",
        "SCAN CONSTANT ROW",
        "RECURSIVE STEP",
        "SCAN tree",
        "SEARCH runs USING COVERING INDEX runs_spawned (spawn_to=?)",
        "SCAN tree",
        "SEARCH runs USING INDEX runs_unfinished (session_key=?)",
        "USE TEMP B-TREE FOR ORDER BY",
      ],
    ],
    [
      "what a run and those that work for it have used",
      { sql: SPENT_SQL, values: ["r"] },
      [
        "CO-ROUTINE tree",
        "SETUP",
        "SCAN CONSTANT ROW",
        "RECURSIVE STEP",
        "SCAN tree",
        "SEARCH runs USING INDEX runs_by_work (works_for=?)",
        "SCAN tree",
        "SEARCH runs USING INDEX sqlite_autoindex_runs_1 (id=?)",
        "USE TEMP B-TREE FOR ORDER BY",
      ],
    ],
    [
      "whether a spawn goes on",
      { sql: SPAWN_GOES_ON_SQL, values: ["s", "k", "[]"] },
      [
        "CO-ROUTINE tree",
        "SETUP",
        "SCAN CONSTANT ROW",
        "RECURSIVE STEP",
        "SCAN tree",
        "SEARCH runs USING INDEX runs_spawned (spawn_to=?)",
        "SCAN tree",
        "SEARCH runs USING INDEX runs_by_spawn (spawn=?)",
      ],
    ],
  ])("%s", (_, query, plan) => {
    expect(planOf(query)).toEqual(plan);
  });
});
