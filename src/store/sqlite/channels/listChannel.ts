import { defined } from "../../../base/defined.ts";
import type {
  ChannelNote,
  InboxQuery,
  InboxRow,
  OutboxQuery,
  OutboxRow,
} from "../../../core/ports/outside/channelRows.ts";
import type { Database, Row } from "../database.ts";

/** In the order in which they came. */
export function listInbox(db: Database, { channel, states, limit }: InboxQuery): InboxRow[] {
  const rows = db.all(
    `SELECT * FROM inbox WHERE channel = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY rid LIMIT ?`,
    channel,
    JSON.stringify(states),
    limit,
  );
  return rows.map((row) => ({
    channel: String(row.channel),
    id: String(row.id),
    place: String(row.place),
    state: String(row.state) as InboxRow["state"],
    ...defined({ runId: row.run_id === null ? undefined : String(row.run_id), body: toBody(row) }),
  }));
}

/** In the order in which they were put. */
export function listOutbox(db: Database, query: OutboxQuery): OutboxRow[] {
  const { channel, states, place, of, before, withCopies, limit } = query;
  const rows = db.all(
    `SELECT * FROM outbox WHERE channel = ?1 AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR place = ?3)
        AND (?4 IS NULL OR instr(body, ?4) > 0)
        AND (?5 IS NULL OR key = ?5 OR (key > ?5 || ' #' AND key < ?5 || ' $'))
        AND (?6 IS NULL OR at < ?6)
      ORDER BY rid LIMIT ?7`,
    channel,
    JSON.stringify(states),
    place ?? null,
    // A text that says this has other quotes around it.
    withCopies ? '"kept":' : null,
    of ?? null,
    before ?? null,
    limit,
  );
  return rows.map(toOutboxRow);
}

export function getOutbox(db: Database, key: string): OutboxRow | undefined {
  const row = db.get("SELECT * FROM outbox WHERE key = ?", key);
  return row && toOutboxRow(row);
}

/** Those whose keys begin so, by key. */
export function listNotes(db: Database, channel: string, prefix: string): ChannelNote[] {
  return db
    .all(
      "SELECT * FROM channel_notes WHERE channel = ?1 AND key >= ?2 AND substr(key, 1, length(?2)) = ?2 ORDER BY key",
      channel,
      prefix,
    )
    .map((row) => ({ channel: String(row.channel), key: String(row.key), value: toBody(row) ?? {} }));
}

function toOutboxRow(row: Row): OutboxRow {
  return {
    key: String(row.key),
    channel: String(row.channel),
    place: String(row.place),
    state: String(row.state) as OutboxRow["state"],
    at: Number(row.at),
    ...defined({
      notBefore: row.not_before === null ? undefined : Number(row.not_before),
      sentAs: row.sent_as === null ? undefined : String(row.sent_as),
      error: row.error === null ? undefined : String(row.error),
      body: toBody(row),
    }),
  };
}

function toBody({ body }: Row): Record<string, unknown> | undefined {
  return body === null ? undefined : (JSON.parse(String(body)) as Record<string, unknown>);
}
