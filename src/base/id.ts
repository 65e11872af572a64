import { randomFillSync } from "node:crypto";

// Chance for many ids at once: to ask the system for it takes longer than all else of an id.
const CHANCE_BYTES = 8;
const drawn = Buffer.alloc(CHANCE_BYTES * 256);
let used = drawn.length;

/** A fresh id such as "run_mif3k2a9x7...": sorts by time of making, 64 bits of chance. */
export function newId(prefix: string): string {
  return `${prefix}_${Date.now().toString(36)}${draw().toString(36).padStart(13, "0")}`;
}

function draw(): bigint {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const chance = drawn.readBigUInt64BE(used);
  used += CHANCE_BYTES;
  return chance;
}

const start = Date.now().toString(36);
let count = 0;

/** Names one request in its answer and in the log. Need not be hard to guess, so it costs nothing. */
export function newRequestId(): string {
  count += 1;
  return `req_${start}_${count.toString(36)}`;
}
