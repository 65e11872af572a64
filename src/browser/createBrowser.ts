import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import { Lanes } from "../base/turns/lanes.ts";
import type { Log } from "../base/log.ts";
import { defined } from "../base/defined.ts";
import type { Browser, BrowserCaller, BrowserLeft, BrowserView } from "../core/ports/browserPort.ts";
import type { BrowserAnswer, BrowserRequest } from "../protocol/browser.ts";
import { emulate } from "./page/emulate.ts";
import { type Asked, notices, performAction, untilAborted } from "./actions/performAction.ts";
import type { EgressProxyOptions } from "../net/egressProxy.ts";
import { createSharedProcess, type SharedProcess } from "./process/sharedProcess.ts";
import type { Machine } from "../base/findProgram.ts";
import { readPageUrl } from "./page/pageUrl.ts";
import { originOf } from "./session/origin.ts";
import { BrowserSession } from "./session/browserSession.ts";
import type { Credentials } from "./session/signIn.ts";
import { sessionFolder } from "./session/sessionFolder.ts";

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
  /** Why pages may not reach a host, before its name is looked up; undefined where they may. */
  refuses?: EgressProxyOptions["refuses"];
  /** Folders that a browser is never taken from. */
  workspaces?: () => string[];
  log: Log;
  clock: Clock;
  /** Tabs were closed because a caller asked for it. */
  onLeave?: (left: BrowserLeft) => void;
  /** Replace the system's resolver and its programs, in tests. */
  resolve?: (host: string) => Promise<string[]>;
  machine?: Machine;
}

const IDLE_MS = 10 * 60_000;
// A server that sends a file without end keeps no browser for ever.
const MOST_WAITS = 6;
// What a page may take to be stopped, before its caller is answered without it.
const RECOVER_MS = 1700;

/** Starts nothing: the browser comes with the first action that needs it, and goes when it was not used for a while. */
export function createBrowser(options: BrowserOptions): Browser {
  const guard = {
    allowLoopback: () => options.config().allowLoopback,
    ...defined({ resolve: options.resolve, refuses: options.refuses }),
  };
  const sessions = new Map<string, BrowserSession>();
  const processes = createSharedProcess({
    ...options,
    onCrash: () => Promise.all([...sessions.values()].map((session) => session.lost())),
  });
  const state: BrowserState = {
    ...options,
    guard,
    sessions,
    processes,
    lanes: new Lanes(),
    active: 0,
    uses: 0,
    idle: undefined,
  };
  return {
    act: (request, caller) => act(state, request, caller),
    look: (sessionKey, request) => look(state, sessionKey, request),
    admit: (sessionKey, origin) => void sessionOf(state, sessionKey).admitted.add(origin),
    async leave({ sessionKey, wiped }) {
      const here = [...sessions.keys()].filter((key) => sessionKey === undefined || key === sessionKey);
      await leave(state, here, wiped);
    },
    async forget(sessionKey) {
      await leave(state, [sessionKey], true);
      sessions.delete(sessionKey);
    },
    async close() {
      state.idle?.dispose();
      await leave(state, [...sessions.keys()], false);
      await processes.close();
    },
  };
}

interface BrowserState extends BrowserOptions {
  guard: EgressProxyOptions;
  processes: SharedProcess;
  sessions: Map<string, BrowserSession>;
  /** One action of a session at a time. */
  lanes: Lanes;
  /** Actions under way. */
  active: number;
  /** Actions there ever were. */
  uses: number;
  /** Waits for the end of a time without any. */
  idle: Disposable | undefined;
}

async function act(state: BrowserState, request: BrowserRequest, caller: BrowserCaller): Promise<BrowserAnswer> {
  const { sessionKey, signal } = caller;
  const { action } = request;
  signal.throwIfAborted();
  if (action === "status") return { action, ...status(state) };
  if (action === "stop" || action === "clear") {
    const left = { ...(request.all ? {} : { sessionKey }), wiped: action === "clear" };
    try {
      await leave(state, request.all ? [...state.sessions.keys()] : [sessionKey], left.wiped);
      if (request.all && left.wiped) await rm(join(state.stateDir, "browser"), { recursive: true, force: true });
    } finally {
      // Other windows have tabs of their own to close, whatever could not be removed here.
      state.onLeave?.(left);
    }
    return { action, ...status(state) };
  }
  const session = sessionOf(state, sessionKey);
  return using(state, () => {
    const turn = state.lanes.run(sessionKey, async () => {
      signal.throwIfAborted();
      if (action === "start" || action === "emulate") return prepare(state, { action, request, caller, session });
      return performAction(state, { action, request, caller, session });
    });
    return untilAborted(turn, signal, RECOVER_MS);
  });
}

/** Starts the browser, or sets how a session's pages see it. */
async function prepare(
  state: BrowserState,
  { action, request, caller, session }: Asked<"start" | "emulate">,
): Promise<BrowserAnswer> {
  const { processes } = state;
  if (action === "start") {
    const wanted = request.headless ?? processes.current()?.headless;
    if (processes.current() && processes.current()?.headless !== wanted) await park(state);
    processes.want(request.headless);
  }
  if (action === "emulate") await emulate(session, request);
  const context = await untilAborted(session.open(), caller.signal);
  return { action, ...status(state), tabs: await context.describe(), ...notices(session) };
}

async function look(state: BrowserState, sessionKey: string, request: BrowserRequest): Promise<BrowserView> {
  const session = sessionOf(state, sessionKey);
  const { admitted } = session;
  const isGoing = request.action === "open" || request.action === "navigate";
  if (!isGoing || request.url === undefined) return { ...(await session.look(request.targetId)), admitted };
  const url = await readPageUrl(request.url, state.guard);
  return { ...defined({ url, origin: originOf(url) }), admitted };
}

function sessionOf(
  { sessions, processes, guard, stateDir, config, clock, log }: BrowserState,
  key: string,
): BrowserSession {
  const known = sessions.get(key);
  if (known) return known;
  const session = new BrowserSession({
    folder: sessionFolder(stateDir, key),
    guard,
    credentials: () => config().credentials ?? [],
    browserProcess: () => processes.running(),
    clock,
    log,
  });
  sessions.set(key, session);
  return session;
}

/** Once more where somebody acted meanwhile: no session is open when its browser goes. */
async function park({ sessions, processes }: BrowserState): Promise<void> {
  while ([...sessions.values()].some(({ isOpen }) => isOpen))
    await Promise.all([...sessions.values()].map((session) => session.park()));
  await processes.close();
}

/** As long as nothing was asked of it: an action that comes meanwhile finds its session as it is, or waits for its end. */
async function parkIdle(state: BrowserState): Promise<void> {
  const { sessions, processes, lanes, uses } = state;
  const isIdle = () => state.uses === uses;
  await Promise.all([...sessions].map(([key, session]) => lanes.run(key, () => session.park(isIdle))));
  if (isIdle()) await processes.close();
}

async function leave(state: BrowserState, keys: string[], wipe: boolean): Promise<void> {
  await Promise.all(keys.map((key) => sessionOf(state, key).leave({ wipe })));
  if ([...state.sessions.values()].every((session) => session.isEmpty)) await state.processes.close();
}

/** Counts as use: the browser is not idle meanwhile. */
async function using<T>(state: BrowserState, work: () => Promise<T>): Promise<T> {
  state.active += 1;
  state.uses += 1;
  state.idle?.dispose();
  try {
    return await work();
  } finally {
    state.active -= 1;
    if (state.active === 0) awaitIdle(state, MOST_WAITS);
  }
}

/** Closes the browser after a while without use. For downloads it waits so many more of them. */
function awaitIdle(state: BrowserState, waits: number): void {
  const { clock, log, processes, sessions } = state;
  state.idle = clock.at(clock.now() + IDLE_MS, () => {
    if (state.active > 0 || !processes.current()) return;
    const isBusy = [...sessions.values()].some(({ downloads }) => downloads.pending > 0);
    if (isBusy && waits > 0) return awaitIdle(state, waits - 1);
    log.info("The browser was not used for a while and is closed");
    void parkIdle(state);
  });
}

function status({ processes, sessions }: BrowserState): Pick<BrowserAnswer, "running"> {
  const browserProcess = processes.current();
  if (!browserProcess) return { running: null };
  const { headless, executable } = browserProcess;
  const contexts = [...sessions.values()].flatMap((session) => session.context ?? []);
  const tabs = contexts.reduce((sum, context) => sum + context.tabs().length, 0);
  return { running: { headless, executable, sessions: contexts.length, tabs } };
}
