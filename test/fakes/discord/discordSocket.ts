import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { slowlyInTurn } from "../slowly.ts";

interface Event {
  s: number;
  t: string;
  d: unknown;
}

interface Session {
  id: string;
  intents: number;
  events: Event[];
  socket?: WebSocket | undefined;
}

/** What the gateway of a test does, and has seen. */
export interface DiscordSocket {
  /** As they were asked, in order: { intents } of a new session, { seq, session_id } of one that is gone on with. */
  identified: Record<string, unknown>[];
  resumed: Record<string, unknown>[];
  /** The numbers that heartbeats named. */
  heartbeats: (number | null)[];
  /** With what clients closed. */
  closedWith: number[];
  /** Heartbeats are not answered as long as it is. */
  isDeaf: boolean;
  /** Those who identify are sent away with this code. */
  refuseWith?: number | undefined;
  /** Nobody is greeted as long as it is. */
  isSilent: boolean;
  /** So often whoever asks for a new session is told that it is invalid, as one that asks too soon is. */
  tooSoon: number;
  /** What READY says, in place of its own; taken once. */
  readyAs?: unknown;
  /** Whoever wants to go on with a session is cut off so often. */
  cutsResumes: number;
  /** Where READY says that sessions are gone on with, in place of where it is. */
  resumeUrl?: string;
  /** What is told again to whoever goes on, though it was taken: so many events. */
  repeats: number;
  /** Whether a session that was begun can be gone on with. */
  forget(): void;
  send(op: number, d?: unknown): void;
  /** Ends all lines: with a code, or without a word. */
  close(code?: number): void;
  emit(type: string, data: unknown, fits?: (intents: number) => boolean): void;
  /** Two messages, of which the later comes first. */
  emitSwapped(first: unknown, second: unknown): void;
  /** Greets those who were not. */
  greet(): void;
  /** How many lines there are. */
  lines(): number;
  /** How many sessions have a line. */
  count(): number;
}

interface Options {
  token: string;
  bot: { id: string; username: string };
  heartbeatMs: number;
  url(): string;
  changed(): void;
}

const [DISPATCH, HEARTBEAT, IDENTIFY, RESUME, INVALID, HELLO, ACK] = [0, 1, 2, 6, 9, 10, 11];

/** Discord's gateway, version 10, in JSON: sessions that outlive their lines, and faults on demand. */
export function serveDiscordSocket(server: Server, options: Options): DiscordSocket {
  const { token, bot, heartbeatMs, url, changed } = options;
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const lines = new Set<WebSocket>();
  server.on("upgrade", (request: IncomingMessage, line, head) => {
    if (!/^\/gateway\/?\?v=10&encoding=json$/.test(request.url ?? "")) return void line.destroy();
    sockets.handleUpgrade(request, line, head, (socket) => serve(socket));
  });
  const tell = (session: Session, event: Event): void => {
    session.socket?.send(JSON.stringify({ op: DISPATCH, ...event }));
  };
  const add = (session: Session, t: string, d: unknown): void => {
    const event = { s: (session.events.at(-1)?.s ?? 0) + 1, t, d };
    session.events.push(event);
    tell(session, event);
  };
  const identify = (socket: WebSocket, given: Record<string, unknown>): void => {
    own.identified.push(given);
    if (own.refuseWith !== undefined) return socket.close(own.refuseWith, "as the test says");
    if (given["token"] !== token) return socket.close(4004, "Authentication failed.");
    if (own.tooSoon-- > 0) return socket.send(JSON.stringify({ op: INVALID, d: false }));
    const session: Session = { id: randomUUID(), intents: Number(given["intents"]), events: [], socket };
    sessions.set(session.id, session);
    const { readyAs } = own;
    own.readyAs = undefined;
    if (readyAs !== undefined) return add(session, "READY", readyAs);
    add(session, "READY", {
      v: 10,
      user: { ...bot, bot: true },
      session_id: session.id,
      resume_gateway_url: own.resumeUrl ?? url(),
      application: { id: bot.id, flags: 0 },
      guilds: [],
    });
  };
  const resume = (socket: WebSocket, given: Record<string, unknown>): void => {
    own.resumed.push(given);
    if (given["token"] !== token) return socket.close(4004, "Authentication failed.");
    if (own.cutsResumes > 0) {
      own.cutsResumes--;
      return socket.terminate();
    }
    const session = sessions.get(String(given["session_id"]));
    if (!session) return socket.send(JSON.stringify({ op: INVALID, d: false }));
    const seq = Number(given["seq"]);
    if (seq > (session.events.at(-1)?.s ?? 0)) return socket.close(4007, "Invalid seq");
    session.socket = socket;
    for (const event of session.events.filter(({ s }) => s > seq - own.repeats)) tell(session, event);
    own.repeats = 0;
    socket.send(JSON.stringify({ op: DISPATCH, s: seq, t: "RESUMED", d: {} }));
  };
  const greet = (socket: WebSocket) =>
    socket.send(JSON.stringify({ op: HELLO, d: { heartbeat_interval: heartbeatMs } }));
  const serve = (socket: WebSocket): void => {
    lines.add(socket);
    socket.on("close", (code) => {
      lines.delete(socket);
      own.closedWith.push(code);
      for (const session of sessions.values()) if (session.socket === socket) session.socket = undefined;
      changed();
    });
    socket.on(
      "message",
      slowlyInTurn((data: Buffer) => {
        const { op, d } = JSON.parse(data.toString()) as { op: number; d: unknown };
        if (op === HEARTBEAT) {
          own.heartbeats.push(d as number | null);
          if (!own.isDeaf) socket.send(JSON.stringify({ op: ACK }));
        } else if (op === IDENTIFY) identify(socket, d as Record<string, unknown>);
        else if (op === RESUME) resume(socket, d as Record<string, unknown>);
        else socket.close(4001, "Unknown opcode");
        changed();
      }),
    );
    if (!own.isSilent) greet(socket);
    changed();
  };
  const own: DiscordSocket = {
    identified: [],
    resumed: [],
    heartbeats: [],
    closedWith: [],
    isDeaf: false,
    isSilent: false,
    cutsResumes: 0,
    tooSoon: 0,
    repeats: 0,
    forget: () => sessions.clear(),
    send(op, d) {
      for (const socket of lines) socket.send(JSON.stringify({ op, d }));
    },
    close(code) {
      for (const socket of lines)
        if (code === undefined) socket.terminate();
        else socket.close(code);
    },
    emit(type, data, fits = () => true) {
      for (const session of sessions.values()) if (fits(session.intents)) add(session, type, data);
    },
    greet() {
      own.isSilent = false;
      for (const socket of lines) greet(socket);
    },
    lines: () => lines.size,
    emitSwapped(first, second) {
      for (const session of sessions.values()) {
        const s = (session.events.at(-1)?.s ?? 0) + 1;
        const events = [first, second].map((d, at) => ({ s: s + at, t: "MESSAGE_CREATE", d }));
        session.events.push(...events);
        for (const event of events.toReversed()) tell(session, event);
      }
    },
    count: () => [...sessions.values()].filter(({ socket }) => socket?.readyState === WebSocket.OPEN).length,
  };
  return own;
}
