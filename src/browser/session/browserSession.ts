import type { Clock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { BrowserProcess } from "../process/browserProcess.ts";
import type { EgressProxyOptions } from "../../net/egressProxy.ts";
import { type Emulation, openSessionContext, type SessionContext } from "./sessionContext.ts";
import type { Credentials } from "./signIn.ts";
import type { SessionFolder } from "./sessionFolder.ts";

const SAVE_EVERY_MS = 60_000;

export interface BrowserSessionOptions {
  folder: SessionFolder;
  guard: EgressProxyOptions;
  credentials: () => Credentials[];
  browserProcess: () => Promise<BrowserProcess>;
  clock: Clock;
  log: Log;
}

/** A session's place in the browser: what outlives the browser's process, and its context while that runs. */
export class BrowserSession {
  readonly folder: SessionFolder;
  /** Origins that the user let the session use. */
  readonly admitted = new Set<string>();
  emulation: Emulation = {};
  context: SessionContext | undefined;
  #opening: Promise<SessionContext> | undefined;
  #notices: string[] = [];
  #reopen: string[] = [];
  #saved = 0;
  readonly #options: BrowserSessionOptions;

  constructor(options: BrowserSessionOptions) {
    this.#options = options;
    this.folder = options.folder;
  }

  get isEmpty(): boolean {
    return !this.context && !this.#opening && this.#reopen.length === 0;
  }

  /** The session's context, opened with the tabs it had when it was parked. */
  open(): Promise<SessionContext> {
    if (this.context?.browserProcess.isUp()) return Promise.resolve(this.context);
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** What went by since the last answer. */
  takeNotices(): string[] {
    return [...this.#notices.splice(0), ...(this.context?.notices.splice(0) ?? [])];
  }

  /** The browser is gone without having been told to. */
  async lost(): Promise<void> {
    if (!this.context) return;
    this.#notices.push("The browser had crashed and was started again: this session's tabs are gone");
    await this.#drop();
  }

  /** Closes for now; the tabs come back with the next `open`. */
  async park(): Promise<void> {
    const { context } = this;
    if (!context) return;
    this.#reopen = context
      .tabs()
      .map((tab) => tab.page.url())
      .filter((url) => /^https?:/.test(url));
    await this.save();
    await this.#drop();
  }

  /** Closes the tabs for good. With `wipe`, cookies, storage and downloads go as well. */
  async leave({ wipe }: { wipe: boolean }): Promise<void> {
    await this.#opening?.catch(() => {});
    if (!wipe) await this.save();
    this.#reopen = [];
    this.#notices = [];
    this.admitted.clear();
    this.emulation = {};
    await this.#drop();
    if (wipe) await this.folder.remove();
  }

  async save(): Promise<void> {
    this.#saved = this.#options.clock.now();
    const { log } = this.#options;
    try {
      const isWhole = await this.context?.save();
      if (isWhole === false) log.warn("A page did not tell its storage in time: what was kept of it before stays");
    } catch (error) {
      log.warn("A browser session could not be saved", { error: describeError(error) });
    }
  }

  /** Saves when that was long ago, so that a process that is killed loses little. */
  saveNowAndThen(): void {
    if (this.#options.clock.now() - this.#saved > SAVE_EVERY_MS) void this.save();
  }

  async #open(): Promise<SessionContext> {
    const { browserProcess, folder, guard, credentials, clock } = this.#options;
    const context = await openSessionContext({
      browserProcess: await browserProcess(),
      folder,
      guard,
      credentials,
      emulation: this.emulation,
    });
    this.context = context;
    this.#saved = clock.now();
    const urls = this.#reopen.splice(0);
    for (const url of urls) {
      const tab = await context.openTab();
      await context.equip(tab);
      await tab.page.goto(url, { timeout: 10_000, waitUntil: "domcontentloaded" }).catch(() => {});
    }
    if (urls.length > 0) this.#notices.push(`The browser was closed meanwhile; ${urls.length} tabs were opened again`);
    return context;
  }

  async #drop(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    await context?.close();
  }
}
