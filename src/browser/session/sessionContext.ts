import { inTime } from "../inTime.ts";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import { Emitter } from "../../base/emitter.ts";
import { defined } from "../../base/defined.ts";
import type { BrowserTab } from "../../protocol/browser.ts";
import { loadDriver } from "../process/driver.ts";
import type { Downloads } from "./downloads.ts";
import type { BrowserProcess } from "../process/browserProcess.ts";
import { type EgressProxy, openEgressProxy, type EgressProxyOptions } from "../../net/egressProxy.ts";
import type { SessionFolder } from "./sessionFolder.ts";
import { trustOwnCertificates } from "./ownCertificates.ts";
import { answerSignIns, type Credentials, signInWords } from "./signIn.ts";
import { Tab } from "./tab.ts";

const MAX_TABS = 20;
const SAVE_MS = 3000;
export const DESKTOP = { width: 1280, height: 800 };

/** A screen other than the usual one. */
export interface Emulation {
  device?: string;
  width?: number;
  height?: number;
}

/** A session's tabs while the browser is closed for now. */
export interface ParkedTabs {
  tabs: { id: string; url: string }[];
  focused: string | undefined;
  /** How many there ever were. */
  count: number;
}

/** What one session has open in a running browser: cookies, tabs and downloads of its own. */
export interface SessionContext {
  readonly browserProcess: BrowserProcess;
  readonly proxy: EgressProxy;
  readonly downloads: Downloads;
  readonly notices: string[];
  tabs(): Tab[];
  /** The tab of that id, or the focused one. `not_found` when there is none. */
  tab(id?: string): Tab;
  focused(): Tab | undefined;
  focus(tab: Tab): void;
  /** Told of every tab, whoever opened it. */
  readonly onTab: Emitter<void>;
  openTab(): Promise<Tab>;
  /** Lets what the user allowed hold in a tab that is about to go somewhere: certificates, names and passwords. */
  equip(tab: Tab): Promise<void>;
  /** Says what a page's server asked to be told by HTTP and was not; undefined when it asked for nothing. */
  signInWords(tab: Tab): string | undefined;
  closeTab(tab: Tab): Promise<void>;
  describe(): Promise<BrowserTab[]>;
  /** Keeps cookies and storage for the next time. Resolves with whether the pages told all of their storage. */
  save(): Promise<boolean>;
  /** The tabs that can come back. */
  park(): ParkedTabs;
  close(): Promise<void>;
}

export interface SessionContextOptions {
  browserProcess: BrowserProcess;
  folder: SessionFolder;
  guard: EgressProxyOptions;
  credentials: () => Credentials[];
  /** Its device holds from the start, its size at any time. */
  emulation: Emulation;
  downloads: Downloads;
  /** Tabs to open again. */
  parked: ParkedTabs;
}

export async function openSessionContext(options: SessionContextOptions): Promise<SessionContext> {
  const { browserProcess, downloads, parked } = options;
  const proxy = await openEgressProxy(options.guard);
  const { context, notices } = await newContext(options, proxy).catch((error: unknown) => {
    proxy.close();
    throw error;
  });
  const opened: Opened = {
    ...{ options, context, proxy, notices, onTab: new Emitter() },
    ...{ tabs: new Map(), focused: undefined, count: parked.count, equipments: new WeakMap() },
    ids: parked.tabs.map(({ id }) => id),
  };
  const { tabs, onTab } = opened;
  context.on("page", (page) => adoptPage(opened, page));
  const close = async () => {
    await context.close().catch(() => {});
    proxy.close();
  };
  try {
    await reopen(opened, parked);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    browserProcess,
    proxy,
    downloads,
    notices,
    onTab,
    equip: (tab) => equip(opened, tab),
    signInWords: ({ signIn }) => signIn && signInWords(signIn, options.credentials()),
    tabs: () => [...tabs.values()],
    tab: (id) => findTab(opened, id),
    focused: () => opened.focused,
    focus: (tab) => void (opened.focused = tab),
    openTab: () => openTab(opened),
    closeTab(tab) {
      forget(opened, tab);
      return tab.page.close({ runBeforeUnload: false });
    },
    describe: () => Promise.all([...tabs.values()].map((tab) => tab.describe(tab === opened.focused))),
    save: () => save(opened),
    park: () => park(opened),
    close,
  };
}

interface Opened {
  options: SessionContextOptions;
  context: BrowserContext;
  proxy: EgressProxy;
  notices: string[];
  onTab: Emitter<void>;
  tabs: Map<Page, Tab>;
  focused: Tab | undefined;
  /** Tabs there ever were: their ids. */
  count: number;
  /** Of the tabs that come back and are not there yet. */
  ids: string[];
  equipments: WeakMap<Tab, Promise<() => Promise<void>>>;
}

/** A page is there, whoever opened it; those beyond the limit are closed. */
function adoptPage(opened: Opened, page: Page): void {
  const { tabs, notices } = opened;
  if (tabs.size < MAX_TABS || tabs.has(page)) {
    const tab = register(opened, page);
    opened.focused ??= tab;
    // A page that was opened by another may be on its way already, and be gone again.
    void equip(opened, tab).catch(() => {});
    return;
  }
  notices.push(`A page opened more than ${MAX_TABS} tabs; those beyond were closed`);
  void page.close().catch(() => {});
}

function register(opened: Opened, page: Page): Tab {
  const { options, tabs, proxy, notices, onTab } = opened;
  const known = tabs.get(page);
  if (known) return known;
  const tab = new Tab(opened.ids.shift() ?? `t${++opened.count}`, page, (host) => proxy.refusal(host));
  tabs.set(page, tab);
  onTab.emit();
  const { width, height } = options.emulation;
  if (width !== undefined && height !== undefined) void page.setViewportSize({ width, height }).catch(() => {});
  tab.onDownload.on((download) => options.downloads.add(download));
  page.on("close", () => forget(opened, tab));
  page.on("crash", () => {
    notices.push(`The page in tab ${tab.id} crashed; the tab was closed`);
    void page.close().catch(() => {});
  });
  return tab;
}

async function equip(opened: Opened, tab: Tab): Promise<void> {
  const equipment = opened.equipments.get(tab) ?? openEquipment(opened, tab);
  opened.equipments.set(tab, equipment);
  const bring = await equipment;
  await bring();
}

async function openEquipment({ options, context, proxy }: Opened, tab: Tab): Promise<() => Promise<void>> {
  const devtools = await context.newCDPSession(tab.page);
  const answer = answerSignIns(devtools, () => tab.page.url());
  let trusting: Promise<void> | undefined;
  return async () => {
    if (options.guard.allowLoopback())
      trusting ??= trustOwnCertificates(devtools, proxy.isOwn, (url, why) => (tab.refused = { url, why }));
    await trusting;
    await answer(options.credentials());
  };
}

function findTab({ tabs, focused }: Opened, id: string | undefined): Tab {
  const found = id === undefined ? focused : [...tabs.values()].find((tab) => tab.id === id);
  if (found) return found;
  if (id === undefined) throw new AppError("not_found", "No tab is open: open one with a url");
  const open = [...tabs.values()].map((tab) => tab.id).join(", ") || "none";
  throw new AppError("not_found", `There is no tab ${id} in this session; open are: ${open}`);
}

/** A tab is none from when it is to be closed: a page that hangs takes its time to go. */
function forget(opened: Opened, tab: Tab): void {
  opened.tabs.delete(tab.page);
  if (opened.focused === tab) opened.focused = [...opened.tabs.values()].at(-1);
}

async function openTab(opened: Opened): Promise<Tab> {
  if (opened.tabs.size >= MAX_TABS) throw new AppError("conflict", `${MAX_TABS} tabs are open: close one first`);
  opened.focused = register(opened, await opened.context.newPage());
  return opened.focused;
}

/** All are there before the first goes anywhere: no page of theirs may take the place of one. */
async function reopen(opened: Opened, { tabs, focused }: ParkedTabs): Promise<void> {
  const reopened: [Tab, string][] = [];
  for (const { url } of tabs) reopened.push([await openTab(opened), url]);
  for (const [tab, url] of reopened) {
    const going = () => tab.page.goto(url, { timeout: 10_000, waitUntil: "domcontentloaded" });
    await equip(opened, tab)
      .then(going)
      .catch(() => {});
  }
  opened.focused = reopened.find(([{ id }]) => id === focused)?.[0] ?? opened.focused;
}

function park({ tabs, focused, count }: Opened): ParkedTabs {
  const all = [...tabs.values()].map(({ id, page }) => ({ id, url: page.url() }));
  return { tabs: all.filter(({ url }) => /^https?:/.test(url)), focused: focused?.id, count };
}

async function save({ options, context }: Opened): Promise<boolean> {
  const { browserProcess, folder } = options;
  if (!browserProcess.isUp()) return true;
  const whole = await inTime(SAVE_MS, context.storageState({ indexedDB: true }));
  // A page that hangs does not tell its storage: it stays as it was told last. Cookies are the browser's own.
  const state = whole ?? { cookies: await context.cookies(), origins: (await folder.readState())?.origins ?? [] };
  await folder.writeState(state);
  return whole !== undefined;
}

/** A context with what the session kept. What the browser does not take is set aside, and said. */
async function newContext(
  { browserProcess, folder, emulation }: SessionContextOptions,
  proxy: EgressProxy,
): Promise<{ context: BrowserContext; notices: string[] }> {
  const options: BrowserContextOptions = {
    ...(await screen(emulation)),
    proxy: { server: proxy.url },
    // Their requests are no page's, and outlive it.
    serviceWorkers: "block",
    acceptDownloads: true,
  };
  const storageState = await folder.readState();
  const notices: string[] = [];
  const open = (kept: BrowserContextOptions) => browserProcess.chromium.newContext({ ...options, ...kept });
  const context = await open(defined({ storageState })).catch(async (error: Error) => {
    if (storageState === undefined || !browserProcess.isUp()) throw error;
    const bare = await open({});
    const aside = await folder.setStateAside();
    notices.push(
      `The cookies and storage of this session could not be restored (${firstLine(error)}) and were set aside as ${aside}`,
    );
    return bare;
  });
  context.setDefaultTimeout(0);
  return { context, notices };
}

function firstLine({ message }: Error): string {
  return message.split("\n")[0] ?? "";
}

async function screen({ device }: Emulation): Promise<BrowserContextOptions> {
  const { devices } = await loadDriver();
  const preset = device === undefined ? undefined : devices[device];
  return { ...preset, viewport: preset?.viewport ?? DESKTOP };
}
