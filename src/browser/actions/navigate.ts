import type { Response } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import type { BrowserAnswer } from "../../protocol/browser.ts";
import { defined } from "../../base/defined.ts";
import type { SessionContext } from "../session/sessionContext.ts";
import { takeSnapshot, toPageText } from "../page/snapshot.ts";
import type { Tab } from "../session/tab.ts";
import { type Action, type ActionContext, needed, orDialog, toDialog, usableTab } from "./action.ts";

// Enough to see where one is; the rest comes with `snapshot`.
const ARRIVAL_CHARS = 4000;
const LOAD_MS = 5000;
const ERROR_PAGE_MS = 2000;

export const open: Action = async (context) => {
  const { request, session } = context;
  const url = request.url === undefined ? undefined : await context.checkUrl(request.url);
  const tab = await session.openTab();
  if (url === undefined) return {};
  try {
    return await go(context, tab, url);
  } catch (error) {
    // What could not be opened leaves no empty tab behind.
    await session.closeTab(tab).catch(() => {});
    throw error;
  }
};

export const navigate: Action = async (context) => {
  const url = await context.checkUrl(needed(context.request.url, "url", context.request));
  const tab = context.session.focused() ? usableTab(context) : await context.session.openTab();
  return go(context, tab, url);
};

export const back: Action = (context) => travel(context, (tab, options) => tab.page.goBack(options), "back");
export const forward: Action = (context) => travel(context, (tab, options) => tab.page.goForward(options), "forward");
export const reload: Action = async (context) => {
  const tab = usableTab(context);
  const { signal } = context;
  await orDialog(tab, tab.page.reload({ signal, timeout: 0, waitUntil: "domcontentloaded" }));
  return arrive(context, tab);
};

type TravelOptions = { signal: AbortSignal; timeout: number; waitUntil: "domcontentloaded" };

async function travel(
  context: ActionContext,
  move: (tab: Tab, options: TravelOptions) => Promise<Response | null>,
  where: string,
): Promise<Omit<BrowserAnswer, "action">> {
  const tab = usableTab(context);
  const before = tab.page.url();
  const went = await orDialog(tab, move(tab, { signal: context.signal, timeout: 0, waitUntil: "domcontentloaded" }));
  if (went !== "dialog" && went.done === null && tab.page.url() === before) {
    throw new AppError("conflict", `There is no page to go ${where} to`);
  }
  return arrive(context, tab);
}

async function go(context: ActionContext, tab: Tab, url: string): Promise<Omit<BrowserAnswer, "action">> {
  const { session, signal } = context;
  const downloads = session.downloads.files.length;
  const { document } = tab;
  await session.equip(tab);
  const going = tab.page.goto(url, { signal, timeout: 0, waitUntil: "domcontentloaded" });
  const went = await orDialog(tab, going).catch(async (error: Error) => {
    // Chromium tells a download from a failure by this alone.
    const { refused } = tab;
    if (refused) throw new AppError("bad_request", `${refused.url} could not be opened: ${refused.why}`);
    if (!/Download is starting|net::ERR_ABORTED/.test(error.message)) {
      // The browser's page about the failure comes a moment after it, and would interrupt the next navigation.
      if (/net::ERR_/.test(error.message)) await tab.documentAfter(document, AbortSignal.timeout(ERROR_PAGE_MS));
      throw unreachable(error, tab, session, url);
    }
    await session.downloads.idle();
    return "download" as const;
  });
  if (went === "download") return { changes: { downloads: session.downloads.files.slice(downloads) } };
  return arrive(context, tab);
}

/** What a tab shows now that it has gone somewhere. */
async function arrive(context: ActionContext, tab: Tab): Promise<Omit<BrowserAnswer, "action">> {
  const { session, signal } = context;
  if (tab.dialog) return toDialog(tab);
  const refusal = refusalOf(session, tab.page.url());
  if (refusal) throw new AppError("forbidden", refusal);
  // Pictures and the like may go on loading; what a script draws is worth a moment.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOAD_MS)]);
  await orDialog(
    tab,
    tab.page.waitForLoadState("load", { signal: limit, timeout: 0 }).catch(() => {}),
  );
  signal.throwIfAborted();
  if (tab.dialog) return toDialog(tab);
  const taken = await orDialog(tab, takeSnapshot(tab, signal));
  if (taken === "dialog") return toDialog(tab);
  const asked = session.signInWords(tab);
  return { snapshot: toPageText(taken.done, 0, ARRIVAL_CHARS), ...(asked ? { notices: [asked] } : {}) };
}

function unreachable(error: Error, tab: Tab, session: SessionContext, url: string): unknown {
  const reason = /net::ERR_\w+/.exec(error.message)?.[0];
  if (!reason) return error;
  // The failing address may be one that the first redirected to.
  const failed = [url, tab.requests.failures.at(-1)?.url ?? ""].map((address) => refusalOf(session, address));
  const refusal = failed.find((text) => text !== undefined);
  if (refusal) return new AppError("forbidden", refusal);
  const asked = session.signInWords(tab);
  return new AppError("bad_request", `${url} could not be opened: ${asked ?? reason}`, defined({ outside: asked }));
}

function refusalOf(session: SessionContext, url: string): string | undefined {
  const host = URL.parse(url)?.hostname;
  return host ? session.proxy.refusal(host) : undefined;
}
