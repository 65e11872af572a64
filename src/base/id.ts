import { randomBytes } from "node:crypto";

/** A fresh id such as "run_mif3k2a9x7...": sorts by time of making, 64 bits of chance. */
export function newId(prefix: string): string {
  return `${prefix}_${Date.now().toString(36)}${BigInt(`0x${randomBytes(8).toString("hex")}`)
    .toString(36)
    .padStart(13, "0")}`;
}
