import { setImmediate, setTimeout } from "node:timers/promises";
import type { App } from "../../app.ts";
import { isAppError, AppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Texts } from "../../base/text/texts.ts";
import { defined } from "../../base/defined.ts";
import { createRouteClient, type RouteClient } from "../../client/routeClient.ts";
import type { ErrorDetail } from "../../protocol/error.ts";
import type { GatewayState } from "../../protocol/panel/editor.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Wire } from "../../protocol/frame.ts";
import type { Origin } from "../../protocol/message.ts";

export interface GatewayStatus {
  state: GatewayState;
  /** Why it is in error, or what it waits for. */
  message?: string;
  /** Where the faults are that keep it from starting. */
  details?: ErrorDetail[];
  role?: App["role"];
  url?: string;
}

export interface GatewayOptions {
  /** Opens the app: leads, or attaches to the gateway that another process leads. */
  open(): Promise<App>;
  /** Whether the user trusts the workspace: nothing runs before. */
  trusted(): boolean;
  log: Log;
  texts: Texts;
  /** Waits between tries to come back after the gateway went away. */
  backoffMs?: number[];
}

const BACKOFF_MS = [100, 500, 1000, 2000, 4000, 8000];
const RECONNECT_MS = 250;

/**
 * The gateway as this window sees it, led here or attached to: starts it, and opens it again when it goes away, so that
 * a window takes over from one that was closed.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #changes = new Emitter<GatewayStatus>((error) => this.#options.log.error(describeError(error)));
  readonly #events = new Emitter<GatewayEvent>((error) => this.#options.log.error(describeError(error)));
  #status: GatewayStatus;
  #app: App | undefined;
  #client: RouteClient | undefined;
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
  client(): RouteClient {
    if (!this.#client) throw new AppError("unavailable", this.#options.texts.t("The gateway is not running."));
    return this.#client;
  }

  connect(via: Origin["via"]): Promise<Wire> {
    if (!this.#app)
      return Promise.reject(new AppError("unavailable", this.#options.texts.t("The gateway is not running.")));
    return this.#app.connect(via);
  }

  /** Resolves when it runs, or has failed to: `status` says which. */
  start(): Promise<void> {
    if (!this.#options.trusted()) {
      this.#set({ state: "restricted" });
      return Promise.resolve();
    }
    if (this.#status.state === "running") return Promise.resolve();
    return (this.#starting ??= this.#begin(isUnavailable));
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
    // What could not be closed is told; it must not keep the next one from starting.
    await this.stop().catch((error: unknown) => this.#options.log.error(toSentence(error)));
    await this.start();
  }

  /** Tells its status once more, so that whoever reads from it reads again. */
  announce(): void {
    this.#set(this.#status);
  }

  #begin(again: (error: unknown) => boolean): Promise<void> {
    const era = ++this.#era;
    return this.#open(era, again).finally(() => {
      if (era === this.#era) this.#starting = undefined;
    });
  }

  /** Tries, and after a wait tries again while `again` says that this may help. */
  async #open(era: number, again: (error: unknown) => boolean): Promise<void> {
    let failure: unknown;
    for (const wait of [0, ...(this.#options.backoffMs ?? BACKOFF_MS)]) {
      const { message } = this.#status;
      this.#set({ state: "starting", ...defined({ message }) });
      // At least one turn: to read the agent keeps the loop for as long as the whole rest of an activation.
      await (wait > 0 ? setTimeout(wait) : setImmediate());
      if (era !== this.#era) return;
      try {
        return await this.#adopt(era, await this.#options.open());
      } catch (error) {
        if (era !== this.#era) return;
        this.#options.log.error(`The gateway did not start: ${describeError(error)}`);
        this.#status = { state: "starting", message: toSentence(error) };
        failure = error;
      }
      if (!again(failure)) break;
    }
    const details = isAppError(failure) ? failure.details : undefined;
    this.#set({ state: "error", message: toSentence(failure), ...defined({ details }) });
  }

  async #adopt(era: number, app: App): Promise<void> {
    try {
      // Stopped while it was opening: nobody else would close it.
      if (era !== this.#era) return await this.#discard(app);
      const client = await this.#subscribe(app);
      if (era !== this.#era) return await this.#discard(app);
      this.#app = app;
      this.#client = client;
    } catch (error) {
      await this.#discard(app);
      throw error;
    }
    app.onDidChange(() => {
      if (this.#app === app) this.#setRunning(app);
    });
    void app.closed.then((reason) => this.#lost(app, reason));
    this.#setRunning(app);
  }

  async #subscribe(app: App): Promise<RouteClient> {
    const client = createRouteClient(await app.connect("palette"));
    client.onEvent((event) => this.#events.emit(event));
    client.onClose(() => void this.#resubscribe(app, client));
    await client.call("events.subscribe", {});
    return client;
  }

  /** A wire may be cut while the gateway lives, as when its token was changed. */
  async #resubscribe(app: App, cut: RouteClient): Promise<void> {
    await setTimeout(RECONNECT_MS);
    if (this.#app !== app || this.#client !== cut) return;
    try {
      this.#client = await this.#subscribe(app);
      this.#setRunning(app);
    } catch (error) {
      this.#lost(app, toSentence(error));
      await this.#discard(app);
    }
  }

  /** What could not be closed is told; it must not hide why the app is given up. */
  async #discard(app: App): Promise<void> {
    await app.close().catch((error: unknown) => this.#options.log.error(toSentence(error)));
  }

  #lost(app: App, reason: string): void {
    if (this.#app !== app) return;
    this.#options.log.warn(`The gateway went away: ${reason}`);
    this.#release();
    this.#status = { state: "starting", message: reason };
    this.#starting = this.#begin(() => true);
  }

  #release(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#app = undefined;
    client?.close();
  }

  #setRunning(app: App): void {
    this.#set({ state: "running", role: app.role, url: app.url });
  }

  #set(status: GatewayStatus): void {
    this.#status = status;
    this.#changes.emit(status);
  }
}

/** Another process is just taking or leaving the gateway. */
function isUnavailable(error: unknown): boolean {
  return isAppError(error) && error.code === "unavailable";
}

/** What a person should read of an error. */
export function toSentence(error: unknown): string {
  if (isAppError(error)) return error.message;
  return error instanceof Error ? error.message : String(error);
}
