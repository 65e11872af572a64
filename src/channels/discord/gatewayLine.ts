import http from "node:http";
import https from "node:https";
import { WebSocket } from "ws";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";

/** One message of Discord's gateway. */
export interface Payload {
  op: number;
  d?: unknown;
  s?: number | null;
  t?: string | null;
}

/** A session of the gateway, which a later line may go on with. */
export interface LineSession {
  id: string;
  /** Of the last event that was taken from it. */
  seq: number;
  /** Where it is gone on with. */
  url: string;
}

/** Why a line ended, and what is to be done: go on with the session, begin a new one, or change something first. */
export type LineEnd = {
  next: "resume" | "identify" | "never";
  why: string;
  code?: number;
  /** It stood. */
  was: boolean;
  /** Discord was there, and was asked for a session. */
  wasAsked: boolean;
};

export interface GatewayLine {
  ended: Promise<LineEnd>;
  /** What is stored: the heartbeat says so, and Discord need not keep it any more. */
  acknowledge(seq: number): void;
  /** The session stands. */
  isUp(): boolean;
  /** Leaves the session open, so that it can be gone on with. */
  close(): void;
}

export interface LineOptions {
  url: string;
  token: string;
  intents: number;
  session?: LineSession | undefined;
  clock: Clock;
  /** The session stands. */
  onUp(): void;
  onDispatch(payload: { type: string; seq: number; data: unknown }): void;
}

const OP = { dispatch: 0, heartbeat: 1, identify: 2, resume: 6, reconnect: 7, invalid: 9, hello: 10, ack: 11 };
const HANDSHAKE_MS = 20_000;
// From the first byte until the session stands.
const BEGIN_MS = 30_000;
const GOODBYE_MS = 1000;
const MAX_PAYLOAD = 64 * 1024 * 1024;
// 1000 and 1001 would end the session at Discord.
const KEEP_SESSION = 4900;
/** Codes after which a session is over; any other may be gone on with. */
const NEW_SESSION = new Set([4007, 4009]);
const NEVER: Record<number, string> = {
  4004: "Discord refused the token: the Developer Portal gives another under Bot",
  4010: "Discord says that the shard is invalid",
  4011: "Discord wants this bot in several shards, because it is in too many servers: Pincer has one",
  4012: "Discord takes this version of its gateway no more",
  4013: "Discord does not know what this bot asks to be told (invalid intents)",
  4014: "Discord does not tell this bot what messages say, which it asked for (disallowed intents): turn Message Content Intent on in the Developer Portal under Bot, or off",
};

/** Opens a line to Discord's gateway, with a new session or going on with one, and keeps it alive by heartbeats. */
export function openGatewayLine(options: LineOptions): GatewayLine {
  const { url, session, clock } = options;
  const isSafe = url.startsWith("wss:");
  const there = new URL(url);
  there.search = "?v=10&encoding=json";
  const socket = new WebSocket(there, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_PAYLOAD,
    // Those of Node's own requests, which know of the proxy there may be; `import *` would keep those from before it was known.
    agent: isSafe ? https.globalAgent : http.globalAgent,
  });
  const ended = Promise.withResolvers<LineEnd>();
  const line: Line = {
    ...options,
    socket,
    acked: session?.seq ?? null,
    isAnswered: true,
    isUp: false,
    wasAsked: false,
    end: ended.resolve,
  };
  const slow = clock.at(clock.now() + BEGIN_MS, () => hangUp(line, "it did not begin in time"));
  socket.on("message", (data: Buffer) => {
    const payload = parse(data);
    try {
      if (payload) take(line, payload);
    } catch {
      // Said in a shape that is not Discord's: nothing of it may reach the process.
      hangUp(line, "what it said cannot be read");
    }
    if (line.isUp) slow.dispose();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => (line.fault ??= error.code ?? error.message));
  socket.on("close", (code, reason) => {
    slow.dispose();
    line.timer?.dispose();
    ended.resolve(endOf(line, code, reason.toString()));
  });
  return {
    ended: ended.promise,
    acknowledge: (seq) => void (line.acked = Math.max(line.acked ?? 0, seq)),
    isUp: () => line.isUp,
    close: () => closeSoon(line),
  };
}

interface Line extends LineOptions {
  socket: WebSocket;
  /** The newest event that is stored. */
  acked: number | null;
  /** Whether the last heartbeat was. */
  isAnswered: boolean;
  /** The session stands. */
  isUp: boolean;
  wasAsked: boolean;
  timer?: Disposable;
  fault?: string;
  end(end: LineEnd): void;
}

function parse(data: Buffer): Payload | undefined {
  try {
    const payload = JSON.parse(data.toString()) as Payload | null;
    return typeof payload?.op === "number" ? payload : undefined;
  } catch {
    return undefined;
  }
}

function take(line: Line, { op, d, s, t }: Payload): void {
  if (op === OP.hello) return hello(line, d);
  if (op === OP.ack) line.isAnswered = true;
  else if (op === OP.heartbeat) beat(line);
  else if (op === OP.reconnect) leave(line, { next: "resume", why: "Discord asked to connect anew" });
  else if (op === OP.invalid)
    leave(line, { next: d === true ? "resume" : "identify", why: "Discord says that the session is invalid" });
  else if (op === OP.dispatch && typeof t === "string" && typeof s === "number") {
    line.onDispatch({ type: t, seq: s, data: d });
    if (t !== "READY" && t !== "RESUMED") return undefined;
    line.isUp = true;
    line.onUp();
  }
  return undefined;
}

function hello(line: Line, data: unknown): void {
  const every = Number((data as { heartbeat_interval?: unknown } | null)?.heartbeat_interval);
  if (!(every > 0)) return hangUp(line, "it said no heartbeat's interval");
  const { token, intents, session, clock } = line;
  line.wasAsked = true;
  if (session) send(line, OP.resume, { token, session_id: session.id, seq: session.seq });
  else
    send(line, OP.identify, {
      token,
      intents,
      properties: { os: process.platform, browser: "pincer", device: "pincer" },
    });
  const next = (ms: number) => {
    line.timer = clock.at(clock.now() + ms, () => {
      // Nothing came back since: the line is dead, and says nothing of it.
      if (!line.isAnswered) return hangUp(line, "its heartbeat was not answered");
      line.isAnswered = false;
      beat(line);
      next(every);
    });
  };
  // The first at some moment of the interval, so that not all bots beat at once.
  next(every * Math.random());
  return undefined;
}

function beat(line: Line): void {
  send(line, OP.heartbeat, line.acked);
}

function send({ socket }: Line, op: number, d: unknown): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op, d }));
}

function leave(line: Line, end: Pick<LineEnd, "next" | "why">): void {
  line.end({ ...end, was: line.isUp, wasAsked: line.wasAsked });
  closeSoon(line);
}

/** Whoever does not say good-bye holds up nothing. */
function closeSoon({ socket, clock }: Pick<Line, "socket" | "clock">): void {
  if (socket.readyState === WebSocket.CLOSED) return;
  const timer = clock.at(clock.now() + GOODBYE_MS, () => socket.terminate());
  socket.once("close", () => timer.dispose());
  socket.close(KEEP_SESSION);
}

function hangUp(line: Line, why: string): void {
  line.end({ next: "resume", why: `The line to Discord broke: ${why}`, was: line.isUp, wasAsked: line.wasAsked });
  line.socket.terminate();
}

function endOf({ isUp: was, wasAsked, fault }: Line, code: number, reason: string): LineEnd {
  const never = NEVER[code];
  if (never !== undefined) return { next: "never", why: `${never} (${code})`, code, was, wasAsked };
  const words = fault ?? (code === 1006 ? "it broke off" : [code, reason.slice(0, 100)].filter(Boolean).join(" "));
  const next = NEW_SESSION.has(code) ? "identify" : "resume";
  return { next, why: `The line to Discord's gateway ended: ${words}`, code, was, wasAsked };
}
