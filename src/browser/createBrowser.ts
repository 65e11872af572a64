import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../base/appError.ts";
import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import { Lanes } from "../base/turns/lanes.ts";
import type { Log } from "../base/log.ts";
import { onAbort } from "../base/wait.ts";
import { defined } from "../base/defined.ts";
import type { Browser, BrowserCaller, BrowserView } from "../core/ports/browserPort.ts";
import type { BrowserAnswer, BrowserRequest } from "../protocol/browser.ts";
import { actions } from "./actions/index.ts";
import { fromDriverError } from "./process/driverError.ts";
import { waitedFor } from "./process/waitedFor.ts";
import { emulate } from "./page/emulate.ts";
import { createSharedProcess } from "./process/sharedProcess.ts";
import type { Machine } from "../base/findProgram.ts";
import { checkPageUrl } from "./page/pageUrl.ts";
import { BrowserSession } from "./session/browserSession.ts";
import type { Credentials } from "./session/signIn.ts";
import { sessionFolder } from "./session/sessionFolder.ts";
import { recoverTab } from "./session/recoverTab.ts";

export interface BrowserSettings {
  executablePath?: string;
  /** Debugging address of a browser that runs already, in place of one of our own. */
  cdpUrl?: string;
  headless: boolean;
  allowLoopback: boolean;
  /** What servers of pages are told that ask for a name and password by HTTP. */
  credentials?: Credentials[];
}

export interface BrowserOptions {
  stateDir: string;
  config: () => BrowserSettings;
  /** Folders that a browser is never taken from. */
  workspaces?: () => string[];
  log: Log;
  clock: Clock;
  /** Replace the system's resolver and its programs, in tests. */
  resolve?: (host: string) => Promise<string[]>;
  machine?: Machine;
}

const IDLE_MS = 10 * 60_000;
const NAVIGATION_MS = 30_000;
const ACTION_MS = 15_000;

/** Starts nothing: the browser comes with the first action that needs it, and goes when it was not used for a while. */
export function createBrowser(options: BrowserOptions): Browser {
  const { stateDir, config, log, clock } = options;
  const browserSessions = new Map<string, BrowserSession>();
  const lanes = new Lanes();
  const guard = {
    allowLoopback: () => config().allowLoopback,
    ...defined({ resolve: options.resolve }),
  };
  const browserProcesses = createSharedProcess({
    ...options,
    onCrash: () => Promise.all([...browserSessions.values()].map((s) => s.lost())),
  });
  let active = 0;
  let idle: Disposable | undefined;

  const browserSessionOf = (key: string): BrowserSession => {
    const known = browserSessions.get(key);
    if (known) return known;
    const folder = sessionFolder(stateDir, key);
    const browserSession = new BrowserSession({
      folder,
      guard,
      credentials: () => config().credentials ?? [],
      browserProcess: () => browserProcesses.running(),
      clock,
      log,
    });
    browserSessions.set(key, browserSession);
    return browserSession;
  };

  const park = async (): Promise<void> => {
    await Promise.all([...browserSessions.values()].map((browserSession) => browserSession.park()));
    await browserProcesses.close();
  };

  const leave = async (keys: string[], wipe: boolean): Promise<void> => {
    await Promise.all(keys.map((key) => browserSessionOf(key).leave({ wipe })));
    if ([...browserSessions.values()].every((browserSession) => browserSession.isEmpty)) await browserProcesses.close();
  };

  /** Counts as use: the browser is not idle meanwhile. */
  const using = async <T>(work: () => Promise<T>): Promise<T> => {
    active += 1;
    idle?.dispose();
    try {
      return await work();
    } finally {
      active -= 1;
      if (active === 0) {
        idle = clock.at(clock.now() + IDLE_MS, () => {
          if (active > 0 || !browserProcesses.current()) return;
          log.info("The browser was not used for a while and is closed");
          void park();
        });
      }
    }
  };

  const status = (): Pick<BrowserAnswer, "running"> => {
    const browserProcess = browserProcesses.current();
    if (!browserProcess) return { running: null };
    const { headless, executable } = browserProcess;
    const contexts = [...browserSessions.values()].flatMap((browserSession) => browserSession.context ?? []);
    const tabs = contexts.reduce((sum, context) => sum + context.tabs().length, 0);
    return { running: { headless, executable, sessions: contexts.length, tabs } };
  };

  /** Runs one of the actions on tabs, until it ends or its time or its caller does. */
  const perform = async (
    request: BrowserRequest,
    caller: BrowserCaller,
    browserSession: BrowserSession,
  ): Promise<BrowserAnswer> => {
    const { action } = request;
    if (action === "start" || action === "emulate" || action === "status" || action === "stop" || action === "clear") {
      if (action === "start") {
        const wanted = request.headless ?? browserProcesses.current()?.headless;
        if (browserProcesses.current() && browserProcesses.current()?.headless !== wanted) await park();
        browserProcesses.want(request.headless);
      }
      if (action === "emulate") await emulate(browserSession, request);
      const context = await untilAborted(browserSession.open(), caller.signal);
      return { action, ...status(), tabs: await context.describe(), ...notices(browserSession) };
    }
    if (action === "tabs" && browserSession.isEmpty) return { action, tabs: [], ...notices(browserSession) };
    const session = await untilAborted(browserSession.open(), caller.signal);
    const limit = AbortSignal.timeout(timeLimit(request));
    const signal = AbortSignal.any([caller.signal, limit]);
    const checkUrl = (url: string) => checkPageUrl(url, guard);
    const { workspace, maySecrets = false, seen } = caller;
    const work = actions[action]({ request, session, workspace, maySecrets, seen, signal, checkUrl });
    const partial = await untilAborted(work, signal).catch(async (error: unknown) => {
      if (signal.aborted) {
        const tab = session.tabs().find((open) => open.id === request.targetId) ?? session.focused();
        if (tab) await recoverTab(session, tab);
      }
      caller.signal.throwIfAborted();
      if (limit.aborted) throw timedOut(request, await logOf(work));
      throw fromDriverError(error, session.browserProcess.isUp());
    });
    browserSession.saveNowAndThen();
    const tab = session.tabs().find((open) => open.id === request.targetId) ?? session.focused();
    const shown = tab ? { tab: await tab.describe(tab === session.focused()) } : {};
    return { action, ...shown, ...partial, ...notices(browserSession, partial.notices) };
  };

  return {
    async act(request, caller) {
      const { sessionKey, signal } = caller;
      const { action } = request;
      signal.throwIfAborted();
      if (action === "status") return { action, ...status() };
      if (action === "stop" || action === "clear") {
        const wipe = action === "clear";
        await leave(request.all ? [...browserSessions.keys()] : [sessionKey], wipe);
        if (wipe && request.all) await rm(join(stateDir, "browser"), { recursive: true, force: true });
        return { action, ...status() };
      }
      const browserSession = browserSessionOf(sessionKey);
      return using(() => {
        const turn = lanes.run(sessionKey, async () => {
          signal.throwIfAborted();
          return perform(request, caller, browserSession);
        });
        return untilAborted(turn, signal, UNHANG_MS);
      });
    },
    async look(sessionKey, request) {
      const browserSession = browserSessionOf(sessionKey);
      const isGoing = request.action === "open" || request.action === "navigate";
      const tabs = browserSession.context?.tabs() ?? [];
      const tab = tabs.find(({ id }) => id === request.targetId) ?? browserSession.context?.focused();
      const url = isGoing && request.url !== undefined ? await checkPageUrl(request.url, guard) : tab?.page.url();
      return { ...toView(url), admitted: browserSession.admitted };
    },
    admit(sessionKey, origin) {
      browserSessionOf(sessionKey).admitted.add(origin);
    },
    async forget(sessionKey) {
      await leave([sessionKey], true);
      browserSessions.delete(sessionKey);
    },
    async close() {
      idle?.dispose();
      await leave([...browserSessions.keys()], false);
      await browserProcesses.close();
    },
  };
}

// What a page may take to be stopped, before its caller is answered without it.
const UNHANG_MS = 1700;
const LOG_MS = 500;

/** Rejects with the signal's reason soon after it aborts, whatever the work then does. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
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

/** What the driver says of an operation that was given up: it tells soon after, or not at all. */
async function logOf(work: Promise<unknown>): Promise<unknown> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), LOG_MS).unref());
  return Promise.race([
    work.then(
      () => undefined,
      (error: unknown) => error,
    ),
    late,
  ]);
}

function timedOut(request: BrowserRequest, error: unknown): AppError {
  const what = request.action === "act" ? `act ${request.kind ?? ""}` : request.action;
  const seconds = timeLimit(request) / 1000;
  const reason = waitedFor(error) ?? "the page, or the element, was not ready";
  return new AppError("timed_out", `${what} was not done within ${seconds} s: ${reason}`);
}

function notices(browserSession: BrowserSession, more: string[] = []): Pick<BrowserAnswer, "notices"> {
  const all = [...browserSession.takeNotices(), ...more];
  return all.length > 0 ? { notices: all } : {};
}

function toView(url: string | undefined): Omit<BrowserView, "admitted"> {
  if (url === undefined) return {};
  const origin = URL.parse(url)?.origin;
  return { url, ...(origin && origin !== "null" ? { origin } : {}) };
}
