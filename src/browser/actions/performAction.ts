import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { onAbort } from "../../base/wait.ts";
import type { BrowserCaller } from "../../core/ports/browserPort.ts";
import type { BrowserAnswer, BrowserRequest } from "../../protocol/browser.ts";
import { inTime } from "../inTime.ts";
import { actions } from "./index.ts";
import { isOnPage } from "../page/locate.ts";
import { checkPageUrl } from "../page/pageUrl.ts";
import { fromDriverError } from "../process/driverError.ts";
import type { EgressProxyOptions } from "../../net/egressProxy.ts";
import { UNSEEN, waitedFor } from "../process/waitedFor.ts";
import type { BrowserSession } from "../session/browserSession.ts";
import { recoverTab } from "../session/recoverTab.ts";
import type { Tab } from "../session/tab.ts";

const NAVIGATION_MS = 30_000;
const ACTION_MS = 15_000;
const LOG_MS = 500;

/** An action that is asked of a session's pages. */
export interface Asked<Action> {
  action: Action;
  request: BrowserRequest;
  caller: BrowserCaller;
  session: BrowserSession;
}

/** Runs one of the actions on tabs, until it ends or its time or its caller does. */
export async function performAction(
  { guard }: { guard: EgressProxyOptions },
  { action, request, caller, session }: Asked<keyof typeof actions>,
): Promise<BrowserAnswer> {
  if (action === "tabs" && session.isEmpty) return { action, tabs: [], ...notices(session) };
  const before = session.isClosed ? await session.look(request.targetId) : undefined;
  const context = await untilAborted(session.open(), caller.signal);
  if (before && (action === "act" || action === "upload")) await expectSame(before, session, request);
  const focusedTab = () => context.tabs().find((open) => open.id === request.targetId) ?? context.focused();
  const limit = AbortSignal.timeout(timeLimit(request));
  const signal = AbortSignal.any([caller.signal, limit]);
  const checkUrl = (url: string) => checkPageUrl(url, guard);
  const { workspace, maySecrets = false, seen } = caller;
  const work = actions[action]({ request, session: context, workspace, maySecrets, seen, signal, checkUrl });
  const partial = await untilAborted(work, signal).catch(async (error: unknown) => {
    const tab = signal.aborted ? focusedTab() : undefined;
    if (tab) await recoverTab(context, tab);
    caller.signal.throwIfAborted();
    if (limit.aborted) throw timedOut(request, await reasonOf(work, request, focusedTab()));
    throw fromDriverError(error, context.browserProcess.isUp());
  });
  session.saveNowAndThen();
  const tab = focusedTab();
  const shown = tab ? { tab: await tab.describe(tab === context.focused()) } : {};
  return { action, ...shown, ...partial, ...notices(session, partial.notices) };
}

/** A page that led elsewhere as it was opened again is not the one that an act was meant for. */
async function expectSame(
  before: { origin?: string },
  session: BrowserSession,
  request: BrowserRequest,
): Promise<void> {
  const { url, origin } = await session.look(request.targetId);
  if (before.origin === undefined || before.origin === origin) return;
  throw new AppError(
    "conflict",
    `The browser was closed meanwhile, and what was at ${before.origin} is at ${url ?? "no page"} now: take a snapshot`,
  );
}

/** Rejects with the signal's reason soon after it aborts, whatever the work then does. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const reject = () => aborted.reject(signal.reason);
  const gone = onAbort(signal, () => (graceMs > 0 ? void setTimeout(reject, graceMs).unref() : reject()));
  aborted.promise.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    gone.dispose();
  }
}

function timeLimit({ action, kind, timeMs = 0, timeoutMs }: BrowserRequest): number {
  if (timeoutMs !== undefined) return timeoutMs;
  if (["open", "navigate", "back", "forward", "reload", "downloads", "pdf"].includes(action)) return NAVIGATION_MS;
  return kind === "wait" ? NAVIGATION_MS + timeMs : ACTION_MS;
}

/** Why an operation was given up, as the end of a sentence. */
async function reasonOf(work: Promise<unknown>, request: BrowserRequest, tab: Tab | undefined): Promise<string> {
  const reason = waitedFor(await inTime(LOG_MS, failureOf(work)));
  if (reason !== undefined && reason !== UNSEEN) return reason;
  const isMissing = reason === UNSEEN && tab && (await inTime(LOG_MS, isMissingIn(tab, request)));
  return isMissing ? UNSEEN : "the page, or the element, was not ready";
}

/** What the driver says of what was given up: it tells soon after, or not at all. */
function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function isMissingIn(tab: Tab, request: BrowserRequest): Promise<boolean> {
  return !(await isOnPage(tab, request).catch(() => true));
}

function timedOut(request: BrowserRequest, reason: string): AppError {
  const what = request.action === "act" ? `act ${request.kind ?? ""}` : request.action;
  const seconds = timeLimit(request) / 1000;
  return new AppError("timed_out", `${what} was not done within ${seconds} s: ${reason}`, {
    // What lies over an element, as the page writes it.
    ...defined({ outside: /<.*>/.exec(reason)?.[0] }),
  });
}

/** What went by, for the answer to tell. */
export function notices(session: BrowserSession, more: string[] = []): Pick<BrowserAnswer, "notices"> {
  const all = [...session.takeNotices(), ...more];
  return all.length > 0 ? { notices: all } : {};
}
