import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/** Keeps the store's write-ahead log in proportion to the room on its disk. */
export interface LogBound {
  /** To be called outside of a transaction. */
  beforeWrite(): void;
  /** A write found no room. */
  wasFull(): void;
}

/** How long the log is let grow before it is copied into the file. Zero: it is not copied at all. */
const PAGES = {
  // Copying the log into the file waits for the disk, so it is let grow to 16 MB first.
  roomy: 4000,
  // A full disk must not hold a log that is larger than what it says.
  tight: 256,
  // A copy that cannot be finished would take the room that is left, and give back none of the log's.
  short: 0,
};
type Room = keyof typeof PAGES;

const TIGHT_BYTES = 256 * 1024 * 1024;
// Writes add to the log while it is copied.
const SPARE_BYTES = 128 * 1024;
const LOOK_MS = 250;
// A quota is not told by the disk: only who meets it knows.
const DOUBTED_MS = 60_000;

export function createLogBound(connection: DatabaseSync, path: string, freeOf = freeBytes): LogBound {
  const pageSize = pragma(connection, "page_size");
  let room: Room | undefined;
  let lookedAt = -Infinity;
  let fullAt = -Infinity;
  let isFull = false;

  const look = (now: number): Room => {
    const free = freeOf(dirname(path));
    if (free >= TIGHT_BYTES && now - fullAt > DOUBTED_MS) return "roomy";
    const missing = pragma(connection, "page_count") * pageSize - sizeOf(path);
    return missing + SPARE_BYTES <= free || missing <= 0 ? "tight" : "short";
  };

  const bound = (next: Room) => {
    const pages = PAGES[next];
    const kept = (pages || PAGES.tight) * pageSize;
    connection.exec(`PRAGMA wal_autocheckpoint = ${pages}; PRAGMA journal_size_limit = ${kept}`);
    room = next;
  };

  return {
    beforeWrite() {
      const now = performance.now();
      if (now - lookedAt < LOOK_MS) return;
      lookedAt = now;
      const next = look(now);
      if (next !== room) bound(next);
      // A log that cannot grow takes no write, and so none after which it would be copied and begun anew.
      if (isFull && next !== "short") copy(connection);
      isFull = false;
    },
    wasFull() {
      fullAt = performance.now();
      lookedAt = -Infinity;
      isFull = true;
    },
  };
}

function copy(connection: DatabaseSync): void {
  try {
    connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    // The disk filled up once more: the write that follows says so.
  }
}

/** How many bytes a folder's disk has for this user; Infinity where nobody says. */
export function freeBytes(folder: string): number {
  // Some that are not disks do not say, or fail to: a write is not refused for that.
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return blocks === 0 ? Infinity : bavail * bsize;
  } catch {
    return Infinity;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function pragma(connection: DatabaseSync, name: string): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name]);
}
