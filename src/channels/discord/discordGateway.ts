import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { sleep, within } from "../../base/wait.ts";
import { type GatewayLine, type LineEnd, type LineSession, openGatewayLine } from "./gatewayLine.ts";

/** What Discord tells over its gateway, in order, until it is known to be stored. */
export interface DiscordGateway {
  /**
   * Waits for what came after the session's event of that number, for some time. `unauthorized` and `bad_request` where somebody has
   * to change something first; `unavailable` where it does not work for now.
   */
  next(stored: LineSession | undefined, signal: AbortSignal): Promise<Told>;
  close(): void;
}

export interface Told {
  session: LineSession;
  dispatches: Dispatch[];
}

export interface Dispatch {
  type: string;
  seq: number;
  data: unknown;
}

export interface GatewayOptions {
  token: string;
  clock: Clock;
  /** Where it is, as the REST API says; rejects where no session may be begun now. */
  address(signal: AbortSignal): Promise<string>;
  isGateway(url: string): boolean;
  /** What the bot asks to be told. Asked anew after a refusal. */
  intents(signal: AbortSignal): Promise<number>;
  /** Whether anybody here needs it. */
  isWanted(dispatch: Dispatch): boolean;
  /** Something has come: before it is stored. */
  onCome(dispatch: Dispatch): void;
  /** How long one call of `next` waits. */
  waitMs: number;
  /** The least and the most before a new session is begun in place of one that is invalid. */
  pauseMs: [number, number];
}

interface State extends GatewayOptions {
  line?: GatewayLine | undefined;
  /** How the line ended, until that is dealt with. */
  ended?: LineEnd | undefined;
  session?: LineSession | undefined;
  /** A session that Discord does not know any more. */
  over?: string | undefined;
  /** What has come, and is not known to be stored. */
  kept: Dispatch[];
  /** What of it was handed out last, and up to where it counts as stored. */
  handed?: { session: LineSession; count: number } | undefined;
  wake: () => void;
  /** The intents that were refused. */
  refused?: { intents: number; why: LineEnd } | undefined;
  /** When lines ended that were opened at once again. */
  again: number[];
}

// More than so many lines within a minute, and it is waited a while.
const MOST_AGAIN = 3;
const AGAIN_MS = 60_000;
const LOOK_MS = 1000;
const INVALID_INTENTS = new Set([4013, 4014]);

export function createDiscordGateway(options: GatewayOptions): DiscordGateway {
  const state: State = { ...options, kept: [], wake: () => {}, again: [] };
  return {
    next: (stored, signal) => next(state, stored, signal),
    close() {
      state.line?.close();
      state.line = undefined;
      state.ended = undefined;
    },
  };
}

async function next(state: State, stored: LineSession | undefined, signal: AbortSignal): Promise<Told> {
  settle(state, stored);
  const until = performance.now() + state.waitMs;
  while (state.kept.length === 0) {
    signal.throwIfAborted();
    if (state.ended) await afterEnd(state, state.ended, signal);
    if (!state.line) await connect(state, signal);
    const left = until - performance.now();
    // Alive and silent: how far it is goes to the store from time to time.
    if (left <= 0 && state.session && state.line?.isUp()) break;
    const changed = Promise.withResolvers<void>();
    state.wake = changed.resolve;
    if (state.kept.length > 0 || state.ended) continue;
    await within(state.clock, left > 0 ? left : LOOK_MS, changed.promise, signal);
  }
  const session = { ...state.session! };
  state.handed = { session, count: state.kept.length };
  return { session, dispatches: [...state.kept] };
}

/** What was handed out and is stored is not told again, and Discord need not keep it. */
function settle(state: State, stored: LineSession | undefined): void {
  const { handed } = state;
  if (!state.session && stored && stored.id !== state.over) state.session = { ...stored };
  if (handed && stored?.id === handed.session.id && stored.seq === handed.session.seq)
    state.kept.splice(0, handed.count);
  state.handed = undefined;
  if (!state.session || stored?.id !== state.session.id) return;
  state.line?.acknowledge(state.kept.length === 0 ? state.session.seq : stored.seq);
}

async function connect(state: State, signal: AbortSignal): Promise<void> {
  const { session, refused, token } = state;
  const intents = session && !refused ? 0 : await state.intents(signal);
  if (refused?.intents === intents) throw toError(refused.why);
  const url = session?.url ?? (await state.address(signal));
  if (!state.isGateway(url))
    throw new AppError("unavailable", "Discord gave a strange address of its gateway, which gets no token");
  signal.throwIfAborted();
  const line: GatewayLine = openGatewayLine({
    ...{ url, token, intents, session: session && { ...session } },
    onDispatch: (dispatch) => void (state.line === line && come(state, dispatch)),
  });
  state.line = line;
  void line.ended.then((end) => {
    if (state.line !== line) return;
    state.ended = end;
    state.wake();
  });
}

function come(state: State, dispatch: Dispatch): void {
  const { type, seq, data } = dispatch;
  if (type === "READY") {
    const { session_id: id, resume_gateway_url: url } = data as { session_id?: unknown; resume_gateway_url?: unknown };
    if (typeof id === "string" && typeof url === "string") state.session = { id, url, seq };
    state.refused = undefined;
  }
  const { session } = state;
  // Told again by a session that is gone on with.
  if (!session || (seq <= session.seq && type !== "READY")) return;
  session.seq = seq;
  if (!state.isWanted(dispatch)) return;
  state.onCome(dispatch);
  state.kept.push(dispatch);
  state.wake();
}

/** Another line at once, where the one before stood and that has not happened too often; else it is waited by who asks. */
async function afterEnd(state: State, end: LineEnd, signal: AbortSignal): Promise<void> {
  const { session } = state;
  state.line?.close();
  state.line = undefined;
  state.ended = undefined;
  if (end.next === "never") {
    if (INVALID_INTENTS.has(end.code ?? 0)) state.refused = { intents: await state.intents(signal), why: end };
    throw toError(end);
  }
  if (end.next === "identify") {
    state.over = session?.id;
    delete state.session;
  }
  // There the session can be gone on with as well, if its own address leads nowhere.
  else if (!end.was && session) session.url = await state.address(signal).catch(() => session.url);
  const now = performance.now();
  state.again = [...state.again.filter((at) => at > now - AGAIN_MS), now];
  if (state.again.length > MOST_AGAIN || !(end.was || end.next === "identify")) throw toError(end);
  const [least, most] = state.pauseMs;
  if (end.next === "identify") await sleep(state.clock, least + Math.random() * (most - least), signal);
}

function toError({ next: then, why, code }: LineEnd): AppError {
  if (then !== "never") return new AppError("unavailable", why);
  return new AppError(code === 4004 ? "unauthorized" : "bad_request", why);
}
