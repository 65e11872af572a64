import { AppError } from "../../../base/appError.ts";
import type { ChannelChange } from "../../../core/ports/outside/channelRows.ts";
import type { Database } from "../database.ts";

/** To be called in a transaction. */
export function changeChannel(db: Database, change: ChannelChange, now: number): void {
  if ("receive" in change) receive(db, change, now);
  else if ("take" in change) take(db, change);
  else if ("put" in change) put(db, change, now);
  else if ("send" in change) send(db, change, now);
  else if ("note" in change) note(db, change);
  else if ("move" in change) move(db, change);
  else forget(db, change);
}

type Of<Key extends string> = Extract<ChannelChange, Record<Key, unknown>>;

function receive(db: Database, { receive: row }: Of<"receive">, now: number): void {
  db.run(
    "INSERT INTO inbox (channel, id, place, state, at, body) VALUES (?, ?, ?, 'new', ?, ?) ON CONFLICT DO NOTHING",
    row.channel,
    row.id,
    row.place,
    now,
    JSON.stringify(row.body ?? {}),
  );
}

function take(db: Database, { take: { channel, id }, expect, state, runId }: Of<"take">): void {
  const changed = db.run(
    `UPDATE inbox SET state = ?1, run_id = coalesce(?2, run_id), body = CASE WHEN ?1 = 'done' THEN NULL ELSE body END
      WHERE channel = ?3 AND id = ?4 AND state = ?5`,
    state,
    runId ?? null,
    channel,
    id,
    expect,
  );
  if (changed === 0) throw new AppError("conflict", `The message ${id} of ${channel} is not ${expect} any more`);
}

function put(db: Database, { put: row }: Of<"put">, now: number): void {
  db.run(
    `INSERT INTO outbox (key, channel, place, state, not_before, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO NOTHING`,
    row.key,
    row.channel,
    row.place,
    row.state,
    row.notBefore ?? null,
    now,
    JSON.stringify(row.body),
  );
}

function send(db: Database, { send: key, expect, state, ...more }: Of<"send">, now: number): void {
  const changed = db.run(
    `UPDATE outbox SET state = ?1, at = ?2, place = coalesce(?3, place), not_before = coalesce(?4, not_before),
        sent_as = coalesce(?5, sent_as), error = ?6,
        body = CASE WHEN ?1 IN ('sent', 'cut') THEN NULL ELSE coalesce(?7, body) END
      WHERE key = ?8 AND state = ?9`,
    state,
    now,
    more.place ?? null,
    more.notBefore ?? null,
    more.sentAs ?? null,
    more.error ?? null,
    more.body === undefined ? null : JSON.stringify(more.body),
    key,
    expect,
  );
  if (changed === 0) throw new AppError("conflict", `The message ${key} is not ${expect} any more`);
}

function note(db: Database, { note: { channel, key }, value, expect }: Of<"note">): void {
  if (expect !== undefined) {
    const found = db.get("SELECT body FROM channel_notes WHERE channel = ? AND key = ?", channel, key);
    const now = found === undefined ? "null" : String(found.body);
    if (now !== JSON.stringify(expect)) throw new AppError("conflict", `${key} of ${channel} is another by now`);
  }
  if (value === null) db.run("DELETE FROM channel_notes WHERE channel = ? AND key = ?", channel, key);
  else
    db.run(
      `INSERT INTO channel_notes (channel, key, body) VALUES (?, ?, ?)
        ON CONFLICT (channel, key) DO UPDATE SET body = excluded.body`,
      channel,
      key,
      JSON.stringify(value),
    );
}

function move(db: Database, { move: channel, from, to }: Of<"move">): void {
  db.run(
    `UPDATE outbox SET place = ?, not_before = NULL
      WHERE channel = ? AND place = ? AND state IN ('whole', 'waiting', 'doubtful')`,
    to,
    channel,
    from,
  );
}

function forget(db: Database, { forget: channel, before }: Of<"forget">): void {
  db.run("DELETE FROM inbox WHERE channel = ? AND state = 'done' AND at < ?", channel, before);
  db.run(
    "DELETE FROM outbox WHERE channel = ? AND state IN ('cut', 'sent', 'failed', 'doubtful') AND at < ?",
    channel,
    before,
  );
}
