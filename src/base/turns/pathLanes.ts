import { race } from "../wait.ts";

/**
 * One at a time per place: a job waits for all earlier ones that touch one of its places, something in it or something
 * around it. Jobs without a common place run side by side. Places are real paths, or any other words that stand for
 * themselves.
 */
export class PathLanes {
  readonly #entries = new Set<Entry>();

  /** Resolves as the job does; rejects with `signal.reason` when the signal aborts before the job's turn. */
  async run<T>(places: string[], signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    if (places.length === 0) return await job();
    const entry: Entry = { places, ...Promise.withResolvers<void>() };
    const before = [...this.#entries].filter((other) => overlaps(other.places, places));
    this.#entries.add(entry);
    try {
      await race(Promise.all(before.map((other) => other.promise)), signal);
      return await job();
    } finally {
      this.#entries.delete(entry);
      entry.resolve();
    }
  }
}

interface Entry {
  places: string[];
  promise: Promise<void>;
  resolve(): void;
}

/** Whether one of these is, holds or lies in one of those. */
export function overlaps(some: string[], others: string[]): boolean {
  return some.some((one) => others.some((other) => one === other || holds(one, other) || holds(other, one)));
}

function holds(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  return /[\\/]$/.test(folder) || /^[\\/]/.test(path.slice(folder.length));
}
