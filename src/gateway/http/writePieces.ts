import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import { within } from "../../base/wait.ts";

/** A reader that takes nothing of what was written for so long is cut. */
const STALL_LIMIT_MS = 15_000;
/** What is long goes out in pieces, so that a slow reader is told from one that reads nothing. */
const PIECE = 16 * 1024;

/**
 * Writes no more than the reader takes, for as long as it takes something. False when it has gone, has taken nothing for too long, or the
 * signal aborts while it is waited for.
 */
export async function writePieces(
  response: ServerResponse,
  blocks: Iterable<string | Uint8Array>,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<boolean> {
  // What is written without a pause in between leaves in one piece.
  for (const piece of toPieces(blocks)) {
    const isTaken = response.write(piece) || (await drained(response, clock, signal));
    if (!isTaken) return false;
  }
  return true;
}

function* toPieces(blocks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  for (const block of blocks) {
    const bytes = typeof block === "string" ? Buffer.from(block) : block;
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  }
}

async function drained(response: ServerResponse, clock: Clock, signal: AbortSignal | undefined): Promise<boolean> {
  if (response.destroyed) return false;
  const end = Promise.withResolvers<boolean>();
  const onDrain = () => end.resolve(true);
  const onClose = () => end.resolve(false);
  response.once("drain", onDrain);
  response.once("close", onClose);
  const isDrained = await within(clock, STALL_LIMIT_MS, end.promise, signal);
  response.off("drain", onDrain);
  response.off("close", onClose);
  return isDrained ?? false;
}
