import type { App } from "../app.ts";
import { fromErrorBody, isAppError, AppError } from "../base/appError.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError, type Log } from "../base/log.ts";
import { createClient } from "../protocol/client.ts";
import type { GatewayState } from "../protocol/editor.ts";
import type { GatewayEvent } from "../protocol/event.ts";
import type { Wire } from "../protocol/frame.ts";
import type { Origin } from "../protocol/message.ts";
import type { Routes } from "../gateway/routeTable.ts";
import type { GatewayClient } from "./routes.ts";

export interface GatewayStatus {
  state: GatewayState;
  /** Why it is in error, or what it waits for. */
  message?: string;
  role?: App["role"];
  url?: string;
}

export interface GatewayOptions {
  /** Opens the app: leads, or attaches to the gateway that another process leads. */
  open(): Promise<App>;
  /** Whether the user trusts the workspace: nothing runs before. */
  trusted(): boolean;
  log: Log;
  /** Waits between tries to come back after the gateway went away. */
  backoffMs?: number[];
}

const BACKOFF_MS = [100, 500, 1000, 2000, 4000, 8000];

/**
 * The gateway as this window sees it, led here or attached to: starts it, and opens it again when it goes away, so that
 * a window takes over from one that was closed.
 */
export class Gateway implements Disposable {
  readonly #options: GatewayOptions;
  readonly #changes = new Emitter<GatewayStatus>((error) => this.#options.log.error(describeError(error)));
  readonly #events = new Emitter<GatewayEvent>((error) => this.#options.log.error(describeError(error)));
  #status: GatewayStatus;
  #app: App | undefined;
  #client: GatewayClient | undefined;
  /** Which start the current app belongs to: a stop or another start makes the earlier ones void. */
  #era = 0;
  #starting: Promise<void> | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#status = { state: options.trusted() ? "stopped" : "restricted" };
  }

  get status(): GatewayStatus {
    return this.#status;
  }

  get app(): App | undefined {
    return this.#app;
  }

  onDidChange(listener: (status: GatewayStatus) => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Everything that happens in the gateway, over all its restarts. */
  onEvent(listener: (event: GatewayEvent) => void): Disposable {
    return this.#events.on(listener);
  }

  /** The caller of the running gateway. Rejects with `unavailable` when there is none. */
  client(): GatewayClient {
    if (!this.#client) throw new AppError("unavailable", "The gateway is not running.");
    return this.#client;
  }

  connect(via: Origin["via"]): Promise<Wire> {
    if (!this.#app) return Promise.reject(new AppError("unavailable", "The gateway is not running."));
    return this.#app.connect(via);
  }

  /** Resolves when it runs, or has failed to: `status` says which. */
  start(): Promise<void> {
    if (!this.#options.trusted()) {
      this.#set({ state: "restricted" });
      return Promise.resolve();
    }
    if (this.#status.state === "running") return Promise.resolve();
    this.#starting ??= this.#open(++this.#era, []).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#era++;
    this.#starting = undefined;
    const app = this.#app;
    this.#release();
    this.#set({ state: this.#options.trusted() ? "stopped" : "restricted" });
    await app?.close();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  dispose(): void {
    this.stop().catch((error: unknown) => this.#options.log.error(describeError(error)));
  }

  /** Tries once, and again after each of `waits`. */
  async #open(era: number, waits: number[]): Promise<void> {
    for (const wait of [0, ...waits]) {
      this.#set({ state: "starting", ...(this.#status.message ? { message: this.#status.message } : {}) });
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (era !== this.#era) return;
      try {
        await this.#adopt(era, await this.#options.open());
        return;
      } catch (error) {
        if (era !== this.#era) return;
        this.#options.log.error(`The gateway did not start: ${describeError(error)}`);
        this.#set({ state: "starting", message: toSentence(error) });
      }
    }
    this.#set({ state: "error", ...(this.#status.message ? { message: this.#status.message } : {}) });
  }

  async #adopt(era: number, app: App): Promise<void> {
    // Stopped while it was opening: nobody else would close it.
    if (era !== this.#era) return app.close();
    const client: GatewayClient = createClient<Routes>(await app.connect("palette"), { toError: fromErrorBody });
    client.onEvent((event) => this.#events.emit(event));
    await client.call("events.subscribe", {});
    if (era !== this.#era) return app.close();
    this.#app = app;
    this.#client = client;
    app.onDidChange(() => {
      if (this.#app === app) this.#setRunning(app);
    });
    void app.closed.then((reason) => this.#lost(app, reason));
    this.#setRunning(app);
  }

  #lost(app: App, reason: string): void {
    if (this.#app !== app) return;
    this.#options.log.warn(`The gateway went away: ${reason}`);
    this.#release();
    this.#set({ state: "starting", message: reason });
    this.#starting = this.#open(++this.#era, this.#options.backoffMs ?? BACKOFF_MS).finally(
      () => (this.#starting = undefined),
    );
  }

  #release(): void {
    this.#client?.close();
    this.#client = undefined;
    this.#app = undefined;
  }

  #setRunning(app: App): void {
    this.#set({ state: "running", role: app.role, url: app.url });
  }

  #set(status: GatewayStatus): void {
    this.#status = status;
    this.#changes.emit(status);
  }
}

/** What a person should read of an error. */
export function toSentence(error: unknown): string {
  if (isAppError(error)) return error.message;
  return error instanceof Error ? error.message : String(error);
}
