import type { Database } from "./database.ts";

const LAST_ID = `max(coalesce((SELECT max(id) FROM events), 0),
  coalesce((SELECT value FROM counters WHERE name = 'event'), 0))`;
const LAST_SEQ = `max(coalesce((SELECT max(seq) FROM events WHERE session_key = ?1), 0),
  coalesce((SELECT seq FROM seqs WHERE session_key = ?1), 0))`;

/** The highest event id ever handed out, stored or not. */
export function lastEventId(db: Database): number {
  return Number(db.get(`SELECT ${LAST_ID} AS id`)?.id);
}

/** And the highest seq ever handed out in a session, stored or not, its earlier lives included. */
export function lastNumbers(db: Database, sessionKey: string): { id: number; seq: number } {
  const row = db.get(`SELECT ${LAST_ID} AS id, ${LAST_SEQ} AS seq`, sessionKey);
  return { id: Number(row?.id), seq: Number(row?.seq) };
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
