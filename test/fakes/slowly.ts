import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { createRandom } from "../random.ts";

// For who looks for races: what lies between a test and its far end takes a while, another one with each seed.
const SEED = Number(process.env["PINCER_SLOW_FAKES"] ?? 0);
const MOST_MS = 50;

const random = createRandom(SEED);

/** A while that differs from call to call; none, unless PINCER_SLOW_FAKES gives a seed. */
async function aWhile(): Promise<void> {
  if (SEED !== 0) await setTimeout(random() * MOST_MS);
}

/** The listener of a server that gets its requests late, and whose answers end late. */
export function slowly(listener: RequestListener): RequestListener {
  if (SEED === 0) return listener;
  return (request: IncomingMessage, response: ServerResponse) => {
    const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
    response.end = (...given: unknown[]) => {
      void aWhile().then(() => end(...given));
      return response;
    };
    void aWhile().then(() => request.destroyed || listener(request, response));
  };
}

/** The same for what comes one after the other: each is taken after the one before. */
export function slowlyInTurn<Given extends unknown[]>(take: (...given: Given) => void): (...given: Given) => void {
  if (SEED === 0) return take;
  let last = Promise.resolve();
  return (...given) => void (last = last.then(aWhile).then(() => take(...given)));
}
