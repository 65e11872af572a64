import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../base/appError.ts";
import { rollBack } from "./commit/rollBack.ts";
import { fold } from "./search/foldText.ts";
import { toIndexed } from "./search/textIndex.ts";

/**
 * Each entry brings the store from the version before to its own; the number of them is `PRAGMA user_version`.
 * Entries are never edited once released. Bodies are JSON of the whole value; columns beside it are copies to search by.
 */
const MIGRATIONS = [
  `
  CREATE TABLE sessions (
    rid INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent_key TEXT,
    updated_at TEXT NOT NULL,
    folded TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessions_newest ON sessions (updated_at, key, kind);
  CREATE INDEX sessions_by_parent ON sessions (parent_key, updated_at, key) WHERE parent_key IS NOT NULL;

  -- Journal and history in one: messages are the events that have a role.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    role TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_seq ON events (session_key, seq);
  CREATE INDEX events_by_session ON events (session_key);
  CREATE INDEX events_by_run ON events (run_id);
  CREATE INDEX messages ON events (session_key, seq, role) WHERE role IS NOT NULL;

  -- The highest numbers handed out, where the events do not show them: kept when a session is deleted.
  CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE seqs (session_key TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL) STRICT;

  -- Text of users and assistants; rowid is the session's rid and the message's seq, see search/textIndex.ts.
  CREATE VIRTUAL TABLE search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');
  CREATE VIRTUAL TABLE search_terms USING fts5vocab (search, instance);

  CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    state TEXT NOT NULL,
    failed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_newest ON runs (created_at, id);
  CREATE INDEX runs_by_session ON runs (session_key, created_at, id, failed);
  CREATE INDEX runs_by_state ON runs (state, created_at, id);

  CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, created_at TEXT NOT NULL, body TEXT NOT NULL) STRICT;

  -- A slot without a body stays claimed, though what it was about is deleted.
  CREATE TABLE slots (
    job_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    status TEXT NOT NULL,
    session_key TEXT,
    started_at TEXT NOT NULL,
    body TEXT,
    PRIMARY KEY (job_id, slot)
  ) STRICT;
  CREATE INDEX slots_newest ON slots (started_at, slot) WHERE body IS NOT NULL;
  CREATE INDEX slots_by_job ON slots (job_id, started_at, slot) WHERE body IS NOT NULL;
  CREATE INDEX slots_by_status ON slots (status, started_at, slot) WHERE body IS NOT NULL;
  CREATE INDEX slots_by_session ON slots (session_key) WHERE session_key IS NOT NULL;

  CREATE TABLE answers (key TEXT NOT NULL PRIMARY KEY, expires_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX answers_by_expiry ON answers (expires_at);

  CREATE TABLE lease (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE usage (
    day TEXT NOT NULL,
    session_key TEXT NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    unpriced INTEGER NOT NULL,
    PRIMARY KEY (day, session_key, model)
  ) STRICT;
  CREATE INDEX usage_by_session ON usage (session_key, day);
  `,
  // Runs are in the order in which they were put down: those of one millisecond were in that of their random ids.
  `
  CREATE TABLE ordered_runs (
    rid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    state TEXT NOT NULL,
    failed INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  INSERT INTO ordered_runs (id, session_key, state, failed, body)
    SELECT id, session_key, state, failed, body FROM runs ORDER BY rowid;
  DROP TABLE runs;
  ALTER TABLE ordered_runs RENAME TO runs;
  CREATE INDEX runs_by_session ON runs (session_key, rid, failed);
  CREATE INDEX runs_by_state ON runs (state, rid);
  `,
  // Which worker has a session's lane, so that several processes may work on one store.
  `
  ALTER TABLE runs ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN cancel INTEGER NOT NULL DEFAULT 0;
  UPDATE runs SET starts = 1 + coalesce(body ->> 'resumes', 0) WHERE state = 'running';
  CREATE INDEX runs_unfinished ON runs (session_key, rid) WHERE state <> 'finished';
  CREATE TABLE workers (nonce TEXT NOT NULL PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
  -- The fence outlives its session, so that what was late for the one that was deleted is late for its successor too.
  CREATE TABLE lanes (session_key TEXT NOT NULL PRIMARY KEY, fence INTEGER NOT NULL, worker TEXT) STRICT;
  `,
  // Accents and ß are folded. What is all ASCII stands as it is folded already.
  `
  UPDATE sessions SET folded = fold(coalesce(body ->> 'title', '') || char(10) || key)
    WHERE folded GLOB '*[^' || char(1) || '-' || char(127) || ']*';
  CREATE TEMP TABLE refolded AS
    SELECT s.rid << 32 | e.seq AS place, to_indexed(e.body -> '$.message' ->> 'text') AS text
    FROM events e JOIN sessions s ON s.key = e.session_key
    WHERE e.role IN ('user', 'assistant')
      AND e.body -> '$.message' ->> 'text' GLOB '*[^' || char(1) || '-' || char(127) || ']*';
  DELETE FROM search WHERE rowid IN (SELECT place FROM refolded);
  INSERT INTO search (rowid, text) SELECT place, text FROM refolded;
  DROP TABLE refolded;
  `,
  // Where a run stands in the tree that one message led to: see Admission.
  `
  ALTER TABLE runs ADD COLUMN root TEXT;
  ALTER TABLE runs ADD COLUMN top TEXT;
  CREATE INDEX runs_by_root ON runs (root, state) WHERE root IS NOT NULL;
  CREATE INDEX runs_by_top ON runs (top, state) WHERE top IS NOT NULL;
  `,
  // Leases have names, and a fence that outlives their holders.
  `
  CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    fence INTEGER NOT NULL,
    nonce TEXT,
    expires_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  INSERT INTO leases (name, fence, nonce, expires_at, body) SELECT 'gateway', 1, nonce, expires_at, body FROM lease;
  DROP TABLE lease;
  -- A gateway of the version before may hold it, and goes on to renew it by the name that it knows.
  CREATE VIEW lease AS SELECT 1 AS only, nonce, expires_at, body FROM leases WHERE name = 'gateway' AND nonce IS NOT NULL;
  CREATE TRIGGER lease_held INSTEAD OF INSERT ON lease BEGIN
    INSERT INTO leases (name, fence, nonce, expires_at, body) VALUES ('gateway', 1, new.nonce, new.expires_at, new.body)
      ON CONFLICT (name) DO UPDATE SET fence = fence + (nonce IS NOT excluded.nonce), nonce = excluded.nonce,
        expires_at = excluded.expires_at, body = excluded.body;
  END;
  CREATE TRIGGER lease_dropped INSTEAD OF DELETE ON lease BEGIN
    UPDATE leases SET nonce = NULL WHERE name = 'gateway' AND nonce = old.nonce;
  END;
  `,
  // A job's version grows with each change, by whichever Pincer, so that two at once do not undo each other.
  `
  ALTER TABLE jobs ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  CREATE TRIGGER job_changed AFTER UPDATE OF body ON jobs WHEN new.version = old.version BEGIN
    UPDATE jobs SET version = old.version + 1 WHERE id = new.id;
  END;
  `,
  // Which folders are a worker's own, and which process it is.
  `
  ALTER TABLE workers ADD COLUMN places TEXT;
  ALTER TABLE workers ADD COLUMN pid INTEGER;
  ALTER TABLE workers ADD COLUMN pid_space TEXT;
  `,
  // Questions to people outlive the process that asks, and are answered at any.
  `
  CREATE TABLE approvals (
    id TEXT NOT NULL UNIQUE,
    session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    answer TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approvals_by_run ON approvals (run_id);
  CREATE INDEX approvals_by_session ON approvals (session_key);
  `,
  // Who is owed a run's result, and what may join another run: see Spawn. A detached run has no spawn_to here.
  `
  ALTER TABLE runs ADD COLUMN spawn TEXT;
  ALTER TABLE runs ADD COLUMN spawn_to TEXT;
  ALTER TABLE runs ADD COLUMN spawn_under TEXT;
  ALTER TABLE runs ADD COLUMN joins INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX runs_by_spawn ON runs (spawn) WHERE spawn IS NOT NULL AND state <> 'finished';
  CREATE INDEX runs_under ON runs (spawn_under) WHERE spawn_under IS NOT NULL AND state <> 'finished';
  CREATE INDEX runs_joining ON runs (session_key, rid) WHERE joins = 1 AND state = 'queued';
  CREATE INDEX runs_spawned ON runs (spawn_to, session_key) WHERE spawn_to IS NOT NULL;
  `,
  // The run that a run is counted for: see worksFor.
  `
  ALTER TABLE runs ADD COLUMN works_for TEXT;
  UPDATE runs SET works_for = coalesce(body ->> 'continues', body -> 'origin' ->> 'id')
    WHERE body ->> 'continues' IS NOT NULL OR body -> 'origin' ->> 'via' = 'subagent';
  CREATE INDEX runs_by_work ON runs (works_for) WHERE works_for IS NOT NULL;
  `,
  // Texts come into the search index behind their commits: up to which event they are there. What was found of each table.
  `
  INSERT INTO counters (name, value) SELECT 'indexed', coalesce(max(id), 0) FROM events;
  CREATE TABLE checks (part TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, problem TEXT) STRICT;
  `,
  // What workers take for the moment of what they share: see Hold.
  `
  CREATE TABLE holds (
    rid INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX holds_by_id ON holds (id);
  CREATE INDEX holds_by_key ON holds (key, rid);
  `,
  // Models that only a worker's editor offers.
  "ALTER TABLE workers ADD COLUMN models TEXT;",
  // What is known of a budget in its period: what was used of it where no other table says so, raised, and warned of (percent).
  `
  CREATE TABLE budgets (
    key TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    used_usd REAL NOT NULL DEFAULT 0,
    used_tokens INTEGER NOT NULL DEFAULT 0,
    raised_usd REAL NOT NULL DEFAULT 0,
    raised_tokens INTEGER NOT NULL DEFAULT 0,
    warned INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  `,
  // What comes in from chat networks and goes out to them, and what else is known of them.
  `
  CREATE TABLE inbox (
    rid INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    id TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL,
    run_id TEXT,
    at INTEGER NOT NULL,
    body TEXT,
    UNIQUE (channel, id)
  ) STRICT;
  CREATE INDEX inbox_open ON inbox (channel, state, rid);
  CREATE TABLE outbox (
    rid INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL,
    not_before INTEGER,
    sent_as TEXT,
    error TEXT,
    at INTEGER NOT NULL,
    body TEXT
  ) STRICT;
  CREATE INDEX outbox_open ON outbox (channel, state, rid);
  CREATE TABLE channel_notes (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (channel, key)
  ) STRICT;
  `,
  // The few sessions that are marked, found without reading all others.
  `
  CREATE INDEX sessions_pinned ON sessions (updated_at, key) WHERE body ->> '$.pinned' IS NOT NULL;
  CREATE INDEX sessions_archived ON sessions (updated_at, key) WHERE body ->> '$.archived' IS NOT NULL;
  CREATE INDEX sessions_deleting ON sessions (updated_at, key) WHERE body ->> '$.deleting' IS NOT NULL;
  `,
  // Commands that run in the background, and those that have ended, in that order.
  `
  CREATE TABLE commands (id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE command_ends (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  `,
  // Results on their way, and claims that outlast their records, found without reading all firings there were.
  `
  CREATE INDEX slots_by_delivery ON slots (body ->> '$.delivery.status', started_at, slot)
    WHERE body ->> '$.delivery.status' IS NOT NULL;
  CREATE INDEX slots_claimed ON slots (slot) WHERE body IS NULL;
  -- Which jobs were put since a look at them, and how many removed, by whichever Pincer.
  ALTER TABLE jobs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX jobs_changed ON jobs (changed);
  INSERT INTO counters (name, value) VALUES ('job_put', 0), ('job_removed', 0);
  CREATE TRIGGER job_added AFTER INSERT ON jobs BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'job_put';
    UPDATE jobs SET changed = (SELECT value FROM counters WHERE name = 'job_put') WHERE id = new.id;
  END;
  CREATE TRIGGER job_put AFTER UPDATE OF body ON jobs BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'job_put';
    UPDATE jobs SET changed = (SELECT value FROM counters WHERE name = 'job_put') WHERE id = new.id;
  END;
  CREATE TRIGGER job_removed AFTER DELETE ON jobs BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'job_removed';
  END;
  `,
];

/** The version of the schema. */
export const STORE_VERSION = MIGRATIONS.length;

/** All that a damaged store is searched for. The lease is not: whoever repairs holds none yet. */
export const TABLES = [
  "sessions",
  "events",
  "runs",
  "jobs",
  "slots",
  "answers",
  "usage",
  "budgets",
  "counters",
  "seqs",
  "lanes",
  "inbox",
  "outbox",
  "channel_notes",
  "commands",
  "command_ends",
];

/** Brings the store to this version, in one transaction. Throws `unavailable` for a store of a newer Pincer, and leaves it as it is. */
export function migrate(connection: DatabaseSync): void {
  if (versionOf(connection) === MIGRATIONS.length) return;
  connection.function("fold", { deterministic: true }, (text) => fold(String(text)));
  connection.function("to_indexed", { deterministic: true }, (text) => toIndexed(String(text)));
  connection.exec("BEGIN IMMEDIATE");
  try {
    // Read again under the lock: another process may have been first.
    const version = versionOf(connection);
    if (version > MIGRATIONS.length) throw tooNew(version);
    for (const sql of MIGRATIONS.slice(version)) connection.exec(sql);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

function versionOf(connection: DatabaseSync): number {
  return Number(connection.prepare("PRAGMA user_version").get()?.user_version);
}

const TOO_NEW = "The store was written by a newer Pincer";

/** Whether a store could not be opened because a newer Pincer wrote it. */
export function isStoreTooNew(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(TOO_NEW);
}

function tooNew(version: number): AppError {
  return new AppError(
    "unavailable",
    `${TOO_NEW} (version ${version}; this one knows ${MIGRATIONS.length}). Update Pincer, or choose another state folder.`,
  );
}
