import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { sleep, within } from "../../base/wait.ts";
import { type GatewayLine, type LineEnd, type LineSession, openGatewayLine } from "./gatewayLine.ts";
import { createKeptDispatches, type Dispatch, type KeptDispatches } from "./keptDispatches.ts";
import { readyShape } from "./discordShapes.ts";

/** What Discord tells over its gateway, in order in each chat, until it is known to be stored. */
export interface DiscordGateway {
  /**
   * Waits for what came after the session's event of that number, for some time, `mostMs` at most; comes back at once when a session
   * has begun to stand.
   * `unauthorized` and `bad_request` where somebody has to change something first; `unavailable` where it does not work for now.
   */
  next(stored: Position | undefined, signal: AbortSignal, mostMs?: number): Promise<Dispatch[]>;
  /** What came from a chat is told again after that time: it cannot be taken now, and holds up no other. */
  hold(dispatch: Dispatch, ms: number): void;
  /** Up to where all was handed out and not held: what is to be stored with it, and given back by the next `next`. */
  position(): Position;
  close(): void;
}

/** How far a session was taken. */
export interface Position extends LineSession {
  /** Which handing out it was: what is held keeps the number where it is. */
  mark: number;
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
  /** The line stands now, or does not any more. */
  onLine(isUp: boolean): void;
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
  kept: KeptDispatches;
  /** What was handed out last counts as stored when this comes back. */
  position?: Position | undefined;
  mark: number;
  /** What `onLine` was told last. */
  isUp: boolean;
  /** A session began to stand, and nobody was told. */
  isNews: boolean;
  wake: () => void;
  /** The intents that were refused. */
  refused?: { intents: number; why: LineEnd } | undefined;
  /** When lines ended that were opened at once again. */
  again: number[];
  /** How often in a row the session could not be gone on with, though Discord was there. */
  stuck: number;
}

// More than so many lines within a minute, and it is waited a while.
const MOST_AGAIN = 3;
const AGAIN_MS = 60_000;
const LOOK_MS = 1000;
// Discord at times ends each line that asks for a certain session, and does not say that it is over.
const MOST_STUCK = 2;
const INVALID_INTENTS = new Set([4013, 4014]);

export function createDiscordGateway(options: GatewayOptions): DiscordGateway {
  const kept = createKeptDispatches(() => options.clock.steady());
  const state: State = { ...options, kept, isUp: false, mark: 0, isNews: false, wake: () => {}, again: [], stuck: 0 };
  return {
    next: (stored, signal, mostMs = Infinity) => next(state, stored, signal, Math.min(options.waitMs, mostMs)),
    hold: (dispatch, ms) => kept.hold(dispatch, ms),
    position() {
      const { session, mark } = state;
      const seq = Math.min(session!.seq, (kept.firstLeft() ?? Infinity) - 1);
      state.mark = kept.isHanded() ? mark + 1 : mark;
      state.position = { ...session!, seq, mark: state.mark };
      return state.position;
    },
    close() {
      dropLine(state);
      state.ended = undefined;
    },
  };
}

async function next(
  state: State,
  stored: Position | undefined,
  signal: AbortSignal,
  mostMs: number,
): Promise<Dispatch[]> {
  settle(state, stored);
  const until = state.clock.steady() + mostMs;
  for (;;) {
    signal.throwIfAborted();
    if (state.ended) await afterEnd(state, state.ended, signal);
    const due = state.kept.due();
    const left = until - state.clock.steady();
    const isUp = state.line?.isUp() === true && state.session !== undefined;
    // Alive and silent: how far it is goes to the store from time to time.
    if (state.session && (due.length > 0 || (isUp && (left <= 0 || state.isNews)))) {
      state.isNews = false;
      return state.kept.hand();
    }
    // Where too much waits to be stored, no more of it is taken.
    if (!state.line && !state.kept.isFull()) await connect(state, signal);
    const changed = Promise.withResolvers<void>();
    state.wake = changed.resolve;
    if (state.ended || (state.session && (state.kept.due().length > 0 || (state.isNews && state.line?.isUp()))))
      continue;
    await within(state.clock, Math.min(left > 0 ? left : LOOK_MS, state.kept.nextMs()), changed.promise, signal);
  }
}

/** What was handed out and is stored is not told again, and Discord need not keep it. */
function settle(state: State, stored: Position | undefined): void {
  const { position, kept } = state;
  if (!state.session && stored && stored.id !== state.over) {
    const { id, seq, url } = stored;
    state.session = { id, seq, url };
  }
  if (!position) state.mark = Math.max(state.mark, stored?.mark ?? 0);
  if (position && stored?.id === position.id && stored.seq === position.seq && stored.mark === position.mark)
    kept.settle();
  else kept.takeBack();
  state.position = undefined;
  if (!state.session || stored?.id !== state.session.id) return;
  state.line?.acknowledge(kept.size() === 0 ? state.session.seq : stored.seq);
}

async function connect(state: State, signal: AbortSignal): Promise<void> {
  const { session, refused, token } = state;
  const intents = session && !refused ? 0 : await state.intents(signal);
  if (refused?.intents === intents) throw toError(refused.why);
  const own = session && state.isGateway(session.url) ? session.url : undefined;
  const url = own ?? (await state.address(signal));
  if (!state.isGateway(url))
    throw new AppError("unavailable", "Discord gave a strange address of its gateway, which gets no token");
  signal.throwIfAborted();
  const line: GatewayLine = openGatewayLine({
    ...{ url, token, intents, session: session && { ...session }, clock: state.clock },
    onUp: () => void (state.line === line && tellLine(state, true)),
    onDispatch: (dispatch) => void (state.line === line && come(state, dispatch, url)),
  });
  state.line = line;
  void line.ended.then((end) => {
    if (state.line !== line) return;
    state.ended = end;
    tellLine(state, false);
    state.wake();
  });
}

function dropLine(state: State): void {
  state.line?.close();
  state.line = undefined;
  tellLine(state, false);
}

function tellLine(state: State, isUp: boolean): void {
  if (state.isUp === isUp) return;
  state.isUp = isUp;
  state.onLine(isUp);
}

function come(state: State, dispatch: Dispatch, lineUrl: string): void {
  const { type, seq } = dispatch;
  if (type === "READY") {
    const { session_id: id, resume_gateway_url: url } = readyShape.parse(dispatch.data);
    state.session = { id, seq, url: url !== undefined && state.isGateway(url) ? url : lineUrl };
    state.refused = undefined;
    state.kept.begin();
  }
  if (type === "READY" || type === "RESUMED") {
    state.stuck = 0;
    state.isNews = true;
    state.wake();
  }
  const { session } = state;
  // Told again by a session that is gone on with.
  if (!session || state.kept.isKnown(seq)) return;
  session.seq = Math.max(session.seq, seq);
  if (!state.isWanted(dispatch)) return;
  state.onCome(dispatch);
  state.kept.add(dispatch);
  // What it tells from here on comes once there is room: the session is gone on with.
  if (state.kept.isFull()) {
    dropLine(state);
  }
  state.wake();
}

/** Another line at once, where the one before stood and that has not happened too often; else it is waited by who asks. */
async function afterEnd(state: State, end: LineEnd, signal: AbortSignal): Promise<void> {
  const { session } = state;
  dropLine(state);
  state.ended = undefined;
  if (end.next === "never") {
    if (INVALID_INTENTS.has(end.code ?? 0)) state.refused = { intents: await state.intents(signal), why: end };
    throw toError(end);
  }
  if (end.next === "resume" && end.wasAsked && !end.was && session) state.stuck++;
  const next: LineEnd["next"] = state.stuck >= MOST_STUCK ? "identify" : end.next;
  if (next === "identify") {
    state.over = session?.id;
    state.stuck = 0;
    delete state.session;
  }
  // There the session can be gone on with as well, if its own address leads nowhere.
  else if (!end.was && session) session.url = await state.address(signal).catch(() => session.url);
  const now = state.clock.steady();
  state.again = [...state.again.filter((at) => at > now - AGAIN_MS), now];
  if (state.again.length > MOST_AGAIN || !(end.was || next === "identify")) throw toError(end);
  if (next === "identify") await sleep(state.clock, pauseAfter(state, end, session), signal);
}

/** Where Discord did not take the question for a new session it was one too many: it takes one in so many seconds. */
function pauseAfter({ pauseMs: [least, most] }: State, { was, wasAsked }: LineEnd, session?: LineSession): number {
  return wasAsked && !was && !session ? most : least + Math.random() * (most - least);
}

function toError({ next: then, why, code }: LineEnd): AppError {
  if (then !== "never") return new AppError("unavailable", why);
  return new AppError(code === 4004 ? "unauthorized" : "bad_request", why);
}
