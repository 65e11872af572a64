import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { within } from "../../base/wait.ts";
import { BoundedMap } from "../../base/boundedMap.ts";

/** For the first word about a new text. */
const FIRST_MS = 2000;
/** For the next: servers tell what they find by and by. */
const MORE_MS = 150;
// Whoever never stops telling is not waited for.
const MOST_WORDS = 20;
const MOST_FILES = 2000;

/** Follows what servers tell about files, so that whoever changed one knows when they have looked at it again. */
export class ServerWords {
  readonly #clock: Clock;
  readonly #counts = new BoundedMap<string, number>(MOST_FILES);
  readonly #told = new Emitter<string>();
  /** Kinds of files that were waited for in vain, and of which nothing was told since: nobody tells of their problems. */
  readonly #silent = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something was told about a file of a kind, as "css in a tab" is one. */
  note(file: string, kind: string | undefined): void {
    this.#counts.set(file, this.count(file) + 1);
    if (kind !== undefined) this.#silent.delete(kind);
    this.#told.emit(file);
  }

  /** How often anything was told about a file. */
  count(file: string): number {
    return this.#counts.get(file) ?? 0;
  }

  /** Resolves when more than `since` was told about a file and nothing more comes; false when nothing came in time. */
  async settled(file: string, kind: string, since: number, signal: AbortSignal): Promise<boolean> {
    if (this.count(file) === since) {
      if (this.#silent.has(kind)) return true;
      if (!(await this.#next(file, FIRST_MS, signal))) {
        this.#silent.add(kind);
        return false;
      }
    }
    for (let words = 0; words < MOST_WORDS; words += 1) if (!(await this.#next(file, MORE_MS, signal))) break;
    return true;
  }

  async #next(file: string, ms: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const next = Promise.withResolvers<true>();
    const listening: Disposable = this.#told.on((told) => told === file && next.resolve(true));
    try {
      return (await within(this.#clock, ms, next.promise, signal)) ?? false;
    } finally {
      listening.dispose();
    }
  }
}
