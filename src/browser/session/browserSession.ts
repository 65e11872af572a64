import type { Clock } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { BrowserProcess } from "../process/browserProcess.ts";
import type { EgressProxyOptions } from "../../net/egressProxy.ts";
import { Downloads } from "./downloads.ts";
import { originOf } from "./origin.ts";
import { type Emulation, openSessionContext, type ParkedTabs, type SessionContext } from "./sessionContext.ts";
import type { Credentials } from "./signIn.ts";
import type { SessionFolder } from "./sessionFolder.ts";

const SAVE_EVERY_MS = 60_000;
const NONE: ParkedTabs = { tabs: [], focused: undefined, count: 0 };

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
  readonly downloads: Downloads;
  /** Origins that the user let the session use. */
  readonly admitted = new Set<string>();
  emulation: Emulation = {};
  context: SessionContext | undefined;
  #opening: Promise<SessionContext> | undefined;
  #notices: string[] = [];
  #parked: ParkedTabs = NONE;
  #saved = 0;
  readonly #options: BrowserSessionOptions;

  constructor(options: BrowserSessionOptions) {
    this.#options = options;
    this.folder = options.folder;
    this.downloads = new Downloads(options.folder.downloads);
  }

  get isEmpty(): boolean {
    return !this.isOpen && this.#parked.tabs.length === 0;
  }

  /** Whether it has a context, or is about to. */
  get isOpen(): boolean {
    return this.context !== undefined || this.#opening !== undefined;
  }

  /** Whether what an action finds has to be opened first. */
  get isClosed(): boolean {
    return !this.context?.browserProcess.isUp();
  }

  /** The page of the tab of that id, or else of the focused one: where an action would find itself. */
  async look(id: string | undefined): Promise<{ url?: string; origin?: string }> {
    if (this.context) {
      const tab = this.context.tabs().find((open) => open.id === id) ?? this.context.focused();
      return tab ? defined({ url: tab.page.url(), origin: await tab.origin() }) : {};
    }
    const { tabs, focused } = this.#parked;
    const url = (tabs.find((tab) => tab.id === id) ?? tabs.find((tab) => tab.id === focused) ?? tabs.at(-1))?.url;
    return url === undefined ? {} : defined({ url, origin: originOf(url) });
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

  /** Closes for now, where that is still wanted when all is saved; the tabs come back with the next `open`. */
  async park(isWanted = () => true): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.save();
    if (!this.context || !isWanted()) return;
    this.#parked = this.context.park();
    await this.#drop();
  }

  /** Closes the tabs for good. With `wipe`, cookies, storage and downloads go as well. */
  async leave({ wipe }: { wipe: boolean }): Promise<void> {
    await this.#opening?.catch(() => {});
    if (!wipe) await this.save();
    this.#parked = NONE;
    this.#notices = [];
    this.admitted.clear();
    this.emulation = {};
    await this.#drop();
    if (!wipe) return;
    await this.downloads.forget();
    await this.folder.remove();
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
    const { downloads } = this;
    const parked = this.#parked;
    await downloads.list();
    const context = await openSessionContext({
      browserProcess: await browserProcess(),
      folder,
      guard,
      credentials,
      emulation: this.emulation,
      downloads,
      parked,
    });
    this.context = context;
    this.#parked = NONE;
    this.#saved = clock.now();
    const { length } = parked.tabs;
    if (length > 0) this.#notices.push(`The browser was closed meanwhile; ${length} tabs were opened again`);
    return context;
  }

  async #drop(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    await context?.close();
  }
}
