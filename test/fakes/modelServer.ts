import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { echoScript } from "./modelScript.ts";
import type { Fault, ModelServerRequest, Script, Turn } from "./modelTurn.ts";
import { slowly } from "./slowly.ts";

/** How one model API speaks. */
export interface ModelProtocol {
  /** Answers what is not a request to a model (model lists, token counts); undefined when there is no such route. */
  answer(method: string, path: string, body: Record<string, unknown>): unknown;
  /** Whether this path asks a model to answer. */
  isModelRequest(method: string, path: string): boolean;
  /** What the real API would refuse the request with. */
  refuse(request: RawRequest): Refusal | undefined;
  read(request: RawRequest): Omit<ModelServerRequest, "path" | "headers" | "body">;
  /** The frames of a streamed answer, each a piece of the body. */
  frames(turn: Turn, request: ModelServerRequest): string[];
  whole(turn: Turn, request: ModelServerRequest): unknown;
  errorBody(status: number, message: string): unknown;
  /** An error told inside a stream. */
  errorFrame(message: string): string;
}

export interface RawRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export interface Refusal {
  status: number;
  message: string;
  /** In place of the protocol's own shape. */
  body?: string;
}

export interface ModelServer {
  url: string;
  /** Every request that reached a model, refused ones included. */
  requests: ModelServerRequest[];
  /** The next request gets this answer, before any script. */
  next(...turns: Turn[]): void;
  script(script: Script): void;
  /** Connections that are open now and have carried a request: Node's `fetch` opens others, to have one at hand. */
  openSockets(): number;
  /** Resolves when no such connection is open. */
  quiet(): Promise<void>;
  /** Resolves when no answer is under way: all were sent, or their connection was closed. */
  answered(): Promise<void>;
  /** Resolves when `count` requests have come in since the start. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface ModelServerOptions {
  script?: Script;
  port?: number;
  /** How long a connection that nobody uses is kept, as each answer says; for five seconds when not given. */
  keepMs?: number;
}

/** A real HTTP server on loopback that speaks a model API and goes wrong on demand. */
export async function startModelServer(
  protocol: ModelProtocol,
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  let script: Script = options.script ?? echoScript;
  const queue: Turn[] = [];
  const requests: ModelServerRequest[] = [];
  const sockets = new Set<Socket>();
  let answering = 0;
  let watchers: (() => void)[] = [];
  const changed = () => {
    for (const look of watchers) look();
  };
  const until = (test: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!test()) return;
        watchers = watchers.filter((other) => other !== look);
        resolve();
      };
      watchers.push(look);
      look();
    });

  const nextTurn = async (request: ModelServerRequest): Promise<Turn> => {
    const queued = queue.shift();
    if (queued) {
      const fault = queued.fault;
      if (fault && "times" in fault && fault.times !== undefined && fault.times > 1) {
        queue.unshift({ ...queued, fault: { ...fault, times: fault.times - 1 } });
      }
      return queued;
    }
    if (typeof script === "function") return script(request);
    return script.shift() ?? echoScript(request);
  };

  const server = createServer(
    slowly((incoming, response) => {
      const isReused = sockets.has(incoming.socket);
      sockets.add(incoming.socket);
      response.on("error", () => {});
      answering += 1;
      response.on("close", () => {
        answering -= 1;
        changed();
      });
      void serve(incoming, response, isReused).catch((error: unknown) => {
        if (!response.headersSent) sendJson(response, 500, protocol.errorBody(500, String(error)));
        else response.destroy();
      });
    }),
  );
  server.keepAliveTimeout = options.keepMs ?? server.keepAliveTimeout;
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      changed();
    });
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse, isReused: boolean): Promise<void> {
    const raw = await readRequest(incoming);
    if (!raw) return sendJson(response, 400, protocol.errorBody(400, "The request body is not valid JSON"));
    if (!protocol.isModelRequest(raw.method, raw.path)) {
      const refusal = protocol.refuse(raw);
      if (refusal)
        return sendJson(response, refusal.status, refusal.body ?? protocol.errorBody(refusal.status, refusal.message));
      const answer = protocol.answer(raw.method, raw.path, raw.body);
      if (answer === undefined) return sendJson(response, 404, protocol.errorBody(404, "Not found"));
      return sendJson(response, 200, answer);
    }
    const request: ModelServerRequest = { path: raw.path, headers: raw.headers, body: raw.body, ...protocol.read(raw) };
    requests.push(request);
    changed();
    const refusal = protocol.refuse(raw);
    if (refusal)
      return sendJson(response, refusal.status, refusal.body ?? protocol.errorBody(refusal.status, refusal.message));
    const turn = onConnection(await nextTurn(request), isReused);
    if (turn.fault && failEarly(protocol, turn.fault, response)) return;
    if (request.streamed) await sendStream(protocol, turn, request, response);
    else await sendWhole(protocol, turn, request, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port ?? 0, host: "127.0.0.1", backlog: 4096 }, resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    next: (...turns) => void queue.push(...turns),
    script: (next) => void (script = next),
    openSockets: () => sockets.size,
    quiet: () => until(() => sockets.size === 0),
    answered: () => until(() => answering === 0),
    received: (count) => until(() => requests.length >= count),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<RawRequest | undefined> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  try {
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers, body };
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_fake", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** The turn as it is on this connection. */
function onConnection(turn: Turn, isReused: boolean): Turn {
  if (turn.fault?.kind !== "reset" || turn.fault.at !== "reuse") return turn;
  const { fault: _, ...whole } = turn;
  return isReused ? { ...whole, fault: { kind: "reset", at: "headers" } } : whole;
}

/** True when the fault took the place of an answer. */
function failEarly(protocol: ModelProtocol, fault: Fault, response: ServerResponse): boolean {
  if (fault.kind === "status") {
    const body = fault.body ?? protocol.errorBody(fault.status, fault.message ?? `Fault ${fault.status}`);
    sendJson(response, fault.status, body, fault.headers);
    return true;
  }
  if (fault.kind === "reset" && fault.at === "headers") {
    response.socket?.resetAndDestroy();
    return true;
  }
  return fault.kind === "stall" && fault.at === "headers";
}

async function sendWhole(
  protocol: ModelProtocol,
  turn: Turn,
  request: ModelServerRequest,
  response: ServerResponse,
): Promise<void> {
  if (turn.delayMs) await sleep(turn.delayMs, response);
  const text = JSON.stringify(protocol.whole(turn, request));
  if (!turn.fault) return sendJson(response, 200, text);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2));
  if (turn.fault.kind === "stall") return;
  if (turn.fault.kind === "badJson") response.end(" ".repeat(Buffer.byteLength(text) - Math.floor(text.length / 2)));
  else response.socket?.resetAndDestroy();
}

async function sendStream(
  protocol: ModelProtocol,
  turn: Turn,
  request: ModelServerRequest,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "request-id": "req_fake",
  });
  response.flushHeaders();
  const { fault } = turn;
  if (fault?.kind === "stall" && fault.at === "body") return;
  if (fault?.kind === "cut" && fault.at === "body") return void response.end();
  const frames = protocol.frames(turn, request);
  const isLast = fault && "at" in fault && fault.at === "end";
  const faultAt = fault && !isLast ? Math.max(1, Math.floor(frames.length / 2)) : -1;
  // An end mark says more than that the answer is whole.
  if (isLast && frames.at(-1) === "data: [DONE]\n\n") frames.pop();
  for (const [index, frame] of frames.entries()) {
    if (response.destroyed) return;
    if (index === faultAt && fault) return failLate(protocol, fault, frame, response);
    if (!response.write(frame)) await drained(response);
    if (turn.delayMs) await sleep(turn.delayMs, response);
    await turn.pace?.(frame);
  }
  if (isLast) return failLate(protocol, fault, "", response);
  response.end();
}

function failLate(protocol: ModelProtocol, fault: Fault, frame: string, response: ServerResponse): void {
  if (fault.kind === "stall") return;
  if (fault.kind === "cut") return void response.end();
  if (fault.kind === "badJson") return void response.end(`${frame.trimEnd().slice(0, -4)}\n\n`);
  if (fault.kind === "hugeLine") return void response.end(`${frame.trimEnd().slice(0, -4)}${"x".repeat(10_000_000)}`);
  if (fault.kind === "streamError") return void response.end(protocol.errorFrame(fault.message ?? "Overloaded"));
  if (fault.kind === "invalidUtf8") {
    const cut = frame.trimEnd().slice(0, -4);
    return void response.end(
      Buffer.concat([Buffer.from(cut), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from("\n\n")]),
    );
  }
  // What was written must arrive before the reset does, or it would look like a reset before the headers.
  setImmediate(() => setTimeout(() => response.socket?.resetAndDestroy(), 20));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

function sleep(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      response.off("close", done);
      resolve();
    }, ms);
    response.once("close", done);
  });
}
