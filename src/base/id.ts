import { randomBytes } from "node:crypto";

/** A fresh id such as "run_mif3k2a9x7...": sorts by time of making, 64 bits of chance. */
export function newId(prefix: string): string {
  return `${prefix}_${Date.now().toString(36)}${BigInt(`0x${randomBytes(8).toString("hex")}`)
    .toString(36)
    .padStart(13, "0")}`;
}

const start = Date.now().toString(36);
let count = 0;

/** Names one request in its answer and in the log. Need not be hard to guess, so it costs nothing. */
export function newRequestId(): string {
  count += 1;
  return `req_${start}_${count.toString(36)}`;
}
