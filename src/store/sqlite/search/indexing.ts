import { setImmediate } from "node:timers/promises";
import { describeError, type Log } from "../../../base/log.ts";
import type { Database } from "../database.ts";
import { LONGEST_INDEXED, SEQ_BITS, toIndexed } from "./textIndex.ts";

/**
 * Puts texts of users and assistants into the index behind their commits, some at a time: each by itself costs a turn six
 * pages, fifty at once cost hardly more than one. Whoever searches has what is left put there first.
 */
export interface Indexing {
  /** So many messages more have been stored. */
  stored(messages: number): void;
  /** Resolves when all that was stored before can be found, or the store takes nothing for now. */
  caughtUp(): Promise<void>;
  /** Nothing is written after. */
  close(): void;
}

const MOST_LEFT = 64;
// A slice of either size takes some hundredths of a second, in which nothing else goes on.
const SLICE_MESSAGES = 128;
const SLICE_CHARACTERS = 50_000;

export function createIndexing(db: Database, log: Log): Indexing {
  let left = 0;
  let isClosed = false;
  let running: Promise<void> | undefined;
  const goesOn = (): boolean => !isClosed && db.read(() => isBehind(db)) && db.write(() => indexSlice(db));
  const run = async (): Promise<void> => {
    try {
      while (goesOn()) await setImmediate();
    } catch (error) {
      if (!isClosed) log.warn("Messages could not be made findable for now", { error: describeError(error) });
    }
  };
  const begin = (): Promise<void> => {
    left = 0;
    running ??= run().finally(() => (running = undefined));
    return running;
  };
  // What a store was mended from, or a killed process left, is not waited for by the first who searches.
  void setImmediate().then(() => (!isClosed && countLeft(db) >= MOST_LEFT ? begin() : undefined));
  return {
    stored(messages) {
      left += messages;
      if (left >= MOST_LEFT && !isClosed) void setImmediate().then(begin);
    },
    async caughtUp() {
      // One that is under way may have looked already.
      await running;
      await begin();
    },
    close() {
      isClosed = true;
    },
  };
}

// The newest event whose message, if it is one, is there.
const INDEXED = "(SELECT value FROM counters WHERE name = 'indexed')";

function countLeft(db: Database): number {
  try {
    const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM events WHERE id > coalesce(${INDEXED}, 0) LIMIT ${MOST_LEFT})`;
    return db.read(() => Number(db.get(sql)?.n));
  } catch {
    // A store that cannot be read says so to whoever asks it for something.
    return 0;
  }
}

function isBehind(db: Database): boolean {
  return db.get(`SELECT 1 FROM events WHERE id > coalesce(${INDEXED}, 0) LIMIT 1`) !== undefined;
}

/** The next messages in the order of their commits. False when none are left. To be called in a transaction. */
export function indexSlice(db: Database): boolean {
  const rows = db.all(
    `SELECT e.id, s.rid << ${SEQ_BITS} | e.seq AS place, substr(e.body -> '$.message' ->> 'text', 1, ${LONGEST_INDEXED}) AS text
      FROM events e JOIN sessions s ON s.key = e.session_key
      WHERE e.id > coalesce(${INDEXED}, 0) AND +e.role IN ('user', 'assistant') ORDER BY e.id LIMIT ${SLICE_MESSAGES}`,
  );
  let characters = 0;
  let taken = 0;
  for (const { place, text } of rows) {
    if (characters > 0 && characters + String(text).length > SLICE_CHARACTERS) break;
    characters += String(text).length;
    taken += 1;
    // A Pincer of the version before puts its own there at once.
    if (text !== "")
      db.run("INSERT OR REPLACE INTO search (rowid, text) VALUES (?, ?)", place!, toIndexed(String(text)));
  }
  const isLast = taken === rows.length && rows.length < SLICE_MESSAGES;
  db.run(
    `INSERT INTO counters (name, value) VALUES ('indexed', coalesce(?, (SELECT max(id) FROM events), 0))
      ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    isLast ? null : Number(rows[taken - 1]!.id),
  );
  return !isLast;
}
