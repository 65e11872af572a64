import { createHash } from "node:crypto";

/** Where a chain of lines has got to: the number and the hash of its newest line. */
export interface ChainEnd {
  seq: number;
  hash: string;
}

export const CHAIN_START: ChainEnd = { seq: 0, hash: "0".repeat(64) };

/** What makes a line no link of its chain. */
export type BrokenLink = "damaged" | "edited" | "gap";

/** The record as a line of JSON that holds the hash of the line before, and its own as the last field. */
export function toLine(record: object, before: ChainEnd): ChainEnd & { line: string } {
  const seq = before.seq + 1;
  const body = JSON.stringify({ seq, ...record, prev: before.hash }).slice(0, -1);
  const hash = hashOf(body);
  return { seq, hash, line: `${body},"hash":"${hash}"}` };
}

/**
 * Checks a line by its exact bytes. Without `before` it may follow anything. A line that is whole in itself gives the end
 * of the chain even where it follows the wrong one, so that what comes after can be checked on.
 */
export function checkLine(line: string, before?: ChainEnd): { end?: ChainEnd; problem?: BrokenLink } {
  const parts = /^(\{"seq":(\d+),.*"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/.exec(line);
  if (!parts) return { problem: "damaged" };
  const [, body, seq, prev, hash] = parts as unknown as [string, string, string, string, string];
  const end = { seq: Number(seq), hash };
  if (hashOf(body) !== hash) return { end, problem: "edited" };
  if (before && (before.hash !== prev || before.seq + 1 !== end.seq)) return { end, problem: "gap" };
  return { end };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
