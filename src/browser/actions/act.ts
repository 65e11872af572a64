import { setTimeout as sleep } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import type { BrowserAnswer, BrowserRequest, PageChanges } from "../../protocol/browser.ts";
import { diffLines, takeSnapshot, toPageText } from "../page/snapshot.ts";
import type { SessionContext } from "../session/sessionContext.ts";
import type { Seen, Tab } from "../session/tab.ts";
import { locate } from "../page/locate.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { type Action, type ActionContext, needed, orDialog, toDialog, usableTab } from "./action.ts";
import { evaluate } from "./evaluate.ts";
import { fill } from "./fill.ts";
import { waitFor } from "./waitFor.ts";

const ARRIVAL_CHARS = 4000;
const REQUESTS_MS = 2000;
const NAVIGATION_MS = 10_000;
const TURN_MS = 500;
const POPUP_MS = 5000;
const DOWNLOAD_MS = 5000;

/** Does one thing to the page, waits until it has settled, and tells what changed. */
export const act: Action = async (context) => {
  const kind = needed(context.request.kind, "kind", context.request);
  const tab = usableTab(context);
  return changing(context, tab, async () => {
    if (kind === "evaluate") return { value: await evaluate(context, tab) };
    await kinds[kind](context, tab);
    return {};
  });
};

type Kind = (context: ActionContext, tab: Tab) => Promise<void>;

const kinds: Record<Exclude<NonNullable<BrowserRequest["kind"]>, "evaluate">, Kind> = {
  async click({ request, signal }, tab) {
    const { button, modifiers, doubleClick } = request;
    const options = { signal, timeout: 0, ...defined({ button, modifiers }) };
    await tryClick(await locate(tab, request), options, doubleClick ?? false);
  },
  async type({ request, signal }, tab) {
    const text = needed(request.text, "text", request);
    const target = await locate(tab, request);
    await target.pressSequentially(text, { signal, timeout: 0 });
    if (request.submit) await target.press("Enter", { signal, timeout: 0 });
  },
  fill,
  async press({ request, signal }, tab) {
    const key = needed(request.key, "key", request);
    if (request.ref === undefined && request.role === undefined) return tab.page.keyboard.press(key);
    await (await locate(tab, request)).press(key, { signal, timeout: 0 });
  },
  async select({ request, signal }, tab) {
    const values = needed(request.values, "values", request);
    await (await locate(tab, request)).selectOption(values, { signal, timeout: 0 });
  },
  async hover({ request, signal }, tab) {
    await (await locate(tab, request)).hover({ signal, timeout: 0 });
  },
  async drag({ request, signal }, tab) {
    const from = await locate(tab, request);
    const to = await locate(tab, { ref: needed(request.endRef, "endRef", request) });
    await from.dragTo(to, { signal, timeout: 0 });
  },
  wait: waitFor,
};

async function tryClick(target: Locator, options: Parameters<Locator["click"]>[0], twice: boolean): Promise<void> {
  if (twice) await target.dblclick(options);
  else await target.click(options);
}

/** Runs an operation on a tab, and compares what there was before with what there is after. */
export async function changing(
  context: ActionContext,
  tab: Tab,
  operation: () => Promise<Pick<BrowserAnswer, "value">>,
): Promise<Omit<BrowserAnswer, "action">> {
  const { session, signal } = context;
  const before = { seen: tab.seen, url: tab.page.url(), document: tab.document };
  const tabs = new Set(session.tabs().map(({ id }) => id));
  const files = session.downloads.files.length;
  const requests = tab.requests.total;
  const popups = session.browserProcess.popups();

  /** What changed besides the page's own text. */
  const elsewhere = async (): Promise<PageChanges> => {
    const openedTabs = (await session.describe()).filter(({ id }) => !tabs.has(id));
    const downloads = session.downloads.files.slice(files);
    return {
      ...(tab.page.url() === before.url ? {} : { url: tab.page.url() }),
      ...(openedTabs.length > 0 ? { openedTabs } : {}),
      ...(downloads.length > 0 ? { downloads } : {}),
    };
  };

  const done = await orDialog(tab, operation());
  const result = done === "dialog" ? {} : done.done;
  if (!tab.dialog) await orDialog(tab, settle(context, tab, requests, before.document));
  if (session.browserProcess.popups() > popups) await tabOpened(session, tabs);
  signal.throwIfAborted();

  const read = tab.dialog || tab.page.isClosed() ? "dialog" : await orDialog(tab, takeSnapshot(tab, signal));
  const changes = await elsewhere();
  if (tab.page.isClosed()) return { ...result, changes, notices: [`Tab ${tab.id} was closed`] };
  const notices = session.downloads.pending > 0 ? { notices: ["A download is still on its way: see downloads"] } : {};
  if (read === "dialog") return { ...result, ...notices, changes, ...toDialog(tab) };
  return { ...result, ...notices, ...compare(before, tab, read.done, changes) };
}

/** Resolves when the session has a tab that it had not, or after a moment: the tab may be another session's. */
async function tabOpened(session: SessionContext, known: Set<string>): Promise<void> {
  const opened = Promise.withResolvers<void>();
  const listening = session.onTab.on(() => opened.resolve());
  if (session.tabs().some(({ id }) => !known.has(id))) opened.resolve();
  await Promise.race([opened.promise, sleep(POPUP_MS, undefined, { ref: false })]);
  listening.dispose();
}

function compare(
  before: { seen: Seen | undefined; document: number },
  tab: Tab,
  text: string,
  changes: PageChanges,
): Pick<BrowserAnswer, "changes" | "snapshot"> {
  const { seen } = before;
  const title = tab.seen?.title ?? "";
  const titled = title === (seen?.title ?? title) ? changes : { ...changes, title };
  // Of another page every line would be new: it is shown as itself.
  if (!seen || seen.document !== tab.document) return { changes: titled, snapshot: toPageText(text, 0, ARRIVAL_CHARS) };
  const { lines, moreLines } = diffLines(seen.text, text);
  return {
    changes: {
      ...titled,
      ...(lines.length > 0 ? { lines } : {}),
      ...(moreLines > 0 ? { moreLines } : {}),
    },
  };
}

const nextTurn = pageFunction<Promise<void>>("() => new Promise((done) => setTimeout(done))");

/** Waits for what an act set off: requests, another page, downloads. Never for long, and not at all when there is nothing. */
async function settle({ session, signal }: ActionContext, tab: Tab, since: number, document: number): Promise<void> {
  // A handler's first request, or its navigation, comes with the next turn of the page.
  if (tab.requests.total === since) {
    await Promise.race([tab.page.evaluate(nextTurn).catch(() => {}), sleep(TURN_MS, undefined, { ref: false })]);
    await sleep(20);
  }
  if (tab.requests.total > since) {
    await tab.requests.settled(since, AbortSignal.any([signal, AbortSignal.timeout(REQUESTS_MS)]));
  }
  if (tab.document !== document || tab.isNavigating) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(NAVIGATION_MS)]);
    await tab.arrived(limit);
    await tab.page.waitForLoadState("domcontentloaded", { signal: limit, timeout: 0 }).catch(() => {});
    await tab.requests.settled(since, AbortSignal.any([signal, AbortSignal.timeout(REQUESTS_MS)]));
  }
  if (session.downloads.pending > 0) {
    await Promise.race([session.downloads.idle(), sleep(DOWNLOAD_MS, undefined, { ref: false })]);
  }
  if (signal.aborted) throw signal.reason;
  if (tab.crashed) throw new AppError("conflict", `The page in tab ${tab.id} crashed; the tab was closed`);
}
