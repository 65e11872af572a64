import type { Request, Response } from "playwright-core";
import { Emitter } from "../../base/emitter.ts";
import { onAbort } from "../../base/wait.ts";

const MAX_FAILURES = 200;

export interface Failure {
  method: string;
  url: string;
  problem: string;
}

// Streams stay open for as long as the page does.
const ENDLESS = new Set(["eventsource", "websocket", "media", "ping"]);

/** The requests of one page: which are under way, and which failed. */
export class Requests {
  readonly failures: Failure[] = [];
  /** Of all that began so far. */
  total = 0;
  readonly #open = new Map<Request, number>();
  readonly #onEnd = new Emitter<void>();
  readonly #refusal: (host: string) => string | undefined;

  constructor(refusal: (host: string) => string | undefined) {
    this.#refusal = refusal;
  }

  begun(request: Request): void {
    this.total += 1;
    if (!ENDLESS.has(request.resourceType())) this.#open.set(request, this.total);
  }

  answered(response: Response): void {
    if (response.status() < 400) return;
    this.#add(response.request(), `${response.status()} ${response.statusText()}`.trim());
  }

  ended(request: Request): void {
    if (this.#open.delete(request)) this.#onEnd.emit();
  }

  failed(request: Request): void {
    const problem = request.failure()?.errorText ?? "failed";
    // A page that goes on elsewhere drops what it was loading.
    if (problem !== "net::ERR_ABORTED") this.#add(request, problem);
    this.ended(request);
  }

  /** Resolves when none that began after the first `since` is under way any more, or the signal aborts. */
  async settled(since: number, signal: AbortSignal): Promise<void> {
    const isBusy = () => [...this.#open.values()].some((number) => number > since);
    if (!isBusy() || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const ended = this.#onEnd.on(() => {
        if (!isBusy()) finish();
      });
      const finish = () => {
        ended.dispose();
        gone.dispose();
        resolve();
      };
      const gone = onAbort(signal, finish);
    });
  }

  #add(request: Request, problem: string): void {
    if (this.failures.length >= MAX_FAILURES) this.failures.shift();
    const host = URL.parse(request.url())?.hostname ?? "";
    const refusal = this.#refusal(host);
    const url = request.url().slice(0, 500);
    this.failures.push({ method: request.method(), url, problem: refusal ? `refused: ${refusal}` : problem });
  }
}
