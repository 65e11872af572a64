import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";

const EVERY_MS = 5_000;
// One that is only busy, on a machine that is, answers late: what it was asked meanwhile would be told as failed, and be done all the same.
const LIMIT_MS = 10_000;

/**
 * Whether a window is still behind this extension host, which lives on for hours after its window lost its way to it: a remote
 * one whose laptop was closed. What the editor is asked then never settles.
 */
export class Presence {
  readonly #ping: () => PromiseLike<unknown>;
  readonly #clock: Clock;
  readonly #changes = new Emitter<boolean>(() => {});
  #isThere = true;
  #timer: Disposable | undefined;
  #isOver = false;

  /** `ping`: asks the window something that it answers at once. */
  constructor(ping: () => PromiseLike<unknown>, clock: Clock) {
    this.#ping = ping;
    this.#clock = clock;
    this.#next();
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  onDidChange(listener: (isThere: boolean) => void): Disposable {
    return this.#changes.on(listener);
  }

  /** What the editor answers; rejects with `unavailable` when its window is away, or goes away meanwhile. */
  async ask<T>(question: () => PromiseLike<T>): Promise<T> {
    if (!this.#isThere) throw noWindow();
    const away = Promise.withResolvers<never>();
    const held = this.#changes.on((isThere) => isThere || away.reject(noAnswer()));
    try {
      return await Promise.race([question(), away.promise]);
    } finally {
      held.dispose();
    }
  }

  dispose(): void {
    this.#isOver = true;
    this.#timer?.dispose();
  }

  #next(): void {
    if (!this.#isOver) this.#timer = this.#clock.at(this.#clock.now() + EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const limit = this.#clock.at(this.#clock.now() + LIMIT_MS, () => this.#set(false));
    // Where the window comes back, what it was asked is answered then.
    await Promise.resolve(this.#ping()).catch(() => {});
    limit.dispose();
    this.#set(true);
    this.#next();
  }

  #set(isThere: boolean): void {
    if (this.#isThere === isThere || this.#isOver) return;
    this.#isThere = isThere;
    this.#changes.emit(isThere);
  }
}

function noWindow(): AppError {
  return new AppError("unavailable", "The editor's window is away: its extension host runs on without it");
}

function noAnswer(): AppError {
  const doubt = "what it was asked to do may be done all the same, at the latest when it is back; read what is there";
  return new AppError("unavailable", `The editor's window went away before it answered: ${doubt}`);
}
