// How long one stretch of work may keep everything else waiting.
const STRETCH_MS = 8;
const CHECK_EVERY = 256;

/** Keeps long work from holding up the event loop: ask `isDue` in its loops, and `await rest()` when it says so. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();
  #steps = 0;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Cheap enough for each turn of a loop, where a turn takes microseconds. */
  isDue(): boolean {
    return ++this.#steps % CHECK_EVERY === 0 && performance.now() - this.#since > STRETCH_MS;
  }

  /** Lets others go first. Rejects with the signal's reason when it aborted meanwhile. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
