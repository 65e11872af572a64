import type { Database } from "./database.ts";

/** The highest event id ever handed out, stored or not. */
export function lastEventId(db: Database): number {
  const row = db.get(
    `SELECT max(coalesce((SELECT max(id) FROM events), 0),
      coalesce((SELECT value FROM counters WHERE name = 'event'), 0)) AS last`,
  );
  return Number(row?.last);
}

/** The highest seq ever handed out in a session, stored or not, its earlier lives included. */
export function lastSeq(db: Database, sessionKey: string): number {
  const row = db.get(
    `SELECT max(coalesce((SELECT max(seq) FROM events WHERE session_key = ?1), 0),
      coalesce((SELECT seq FROM seqs WHERE session_key = ?1), 0)) AS last`,
    sessionKey,
  );
  return Number(row?.last);
}

export function reserveEventId(db: Database, id: number): void {
  db.run(
    `INSERT INTO counters (name, value) VALUES ('event', ?)
      ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    id,
  );
}

export function reserveSeq(db: Database, sessionKey: string, seq: number): void {
  db.run(
    `INSERT INTO seqs (session_key, seq) VALUES (?, ?)
      ON CONFLICT (session_key) DO UPDATE SET seq = max(seq, excluded.seq)`,
    sessionKey,
    seq,
  );
}
