import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "../../base/appError.ts";
import { newRequestId } from "../../base/id.ts";
import { toErrorJson, writeRaw } from "./writeReply.ts";
import type { RequestServer } from "./requestServer.ts";

const OPTIONS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 60_000,
  noDelay: true,
  // Without a Host it answers in its own words; `admit` does it in ours.
  requireHostHeader: false,
};

const HANDSHAKE_MS = 10_000;

const socketsOf = new WeakMap<Server, Set<Socket>>();
const exchangesOf = new WeakMap<Server, WeakMap<Duplex, Set<HttpExchange>>>();

/** A server that is not listening yet. `handshakeMs` is how long a connection may take to become TLS. */
export function createHttpServer(
  requests: RequestServer,
  tls?: { cert: string; key: string; handshakeMs?: number },
): Server {
  const options = { ...OPTIONS, shouldUpgradeCallback: wantsWebSocket };
  const server = tls
    ? createHttps({ ...options, ...tls, minVersion: "TLSv1.2", handshakeTimeout: tls.handshakeMs ?? HANDSHAKE_MS })
    : createHttp(options);
  // Beyond its default of 2000 Node drops headers silently; 16 KB bound them anyway.
  server.maxHeadersCount = 0;
  const sockets = new Set<Socket>();
  socketsOf.set(server, sockets);
  // Node knows a connection of https only once it is TLS.
  for (const event of tls ? ["connection", "secureConnection"] : ["connection"]) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
  }
  const open = trackExchanges(server);
  exchangesOf.set(server, open);
  server.on("request", requests.onRequest);
  server.on("checkContinue", requests.onCheckContinue);
  server.on("checkExpectation", requests.onCheckExpectation);
  server.on("upgrade", requests.onUpgrade);
  server.on("connect", requests.onConnect);
  server.on("clientError", (error: ClientError, socket) => {
    // What never became TLS has no way to be answered, unless it spoke plain HTTP: the connection beneath takes an answer in that.
    const beneath = error.code === "ERR_SSL_HTTP_REQUEST" ? connectionOf(socket as Socket, sockets) : undefined;
    if (beneath) {
      requests.onMisspoken("plain HTTP");
      return writeRaw(beneath, toErrorJson(new AppError("bad_request", NEEDS_TLS), newRequestId()));
    }
    if (error.code === "ECONNRESET" || !socket.writable || !sockets.has(socket as Socket)) return void socket.destroy();
    const json = toClientError(error);
    if (isTlsHello(error)) requests.onMisspoken("TLS");
    const exchanges = [...(open.get(socket) ?? [])];
    const last = exchanges.at(-1);
    // The broken part is the body of a request that has its response already, or is getting it.
    if (last && !last.request.complete && (last.response.headersSent || exchanges.length > 1))
      return void socket.destroy();
    if (!last || !last.request.complete) return writeRaw(socket, json);
    // Broken bytes behind whole requests: their responses go first.
    last.response.once("close", () => writeRaw(socket, json));
  });
  return server;
}

/**
 * Closes the connections of a server of `createHttpServer` on which nothing was ever asked: clients open some to have one
 * at hand, and Node counts them as busy.
 */
export function closeUnasked(server: Server): void {
  for (const socket of socketsOf.get(server) ?? []) {
    if (socket.bytesRead > 0) continue;
    // One that came a moment ago has its request still before it.
    if (seenUnasked.has(socket)) socket.destroy();
    else seenUnasked.add(socket);
  }
}

/**
 * Tells in each response from now on that it is its connection's last: a client that sends its next request into a
 * connection being closed cannot know whether it was heard.
 */
export function endKeepAlive(server: Server): void {
  const close = (_: unknown, response: ServerResponse) => void (response.shouldKeepAlive = false);
  for (const event of ["request", "checkContinue"]) server.prependListener(event, close);
  for (const socket of socketsOf.get(server) ?? []) {
    const latest = [...(exchangesOf.get(server)?.get(socket) ?? [])].at(-1);
    if (latest) latest.response.shouldKeepAlive = false;
  }
}

const seenUnasked = new WeakSet<Socket>();

/** Closes every connection of a server of `createHttpServer`, those that have not become TLS with them. */
export function closeEvery(server: Server): void {
  server.closeAllConnections();
  for (const socket of socketsOf.get(server) ?? []) socket.destroy();
}

/** Other offers, such as h2c from some HTTP clients, are ignored as RFC 9110 has it. */
function wantsWebSocket(request: { headers: { upgrade?: string | undefined } }): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

const NEEDS_TLS = "This port speaks TLS, and the request came without: begin the address with https://";
const HAS_NO_TLS = "This port speaks plain HTTP, and TLS came: begin the address with http://";

/** The connection beneath what was to become TLS. */
function connectionOf(socket: Socket, sockets: ReadonlySet<Socket>): Socket | undefined {
  return [...sockets].find((one) => one.remotePort === socket.remotePort && one.remoteAddress === socket.remoteAddress);
}

/** Whether what is no HTTP is the beginning of a TLS handshake. */
function isTlsHello({ rawPacket }: ClientError): boolean {
  return rawPacket?.[0] === 0x16 && rawPacket[1] === 0x03;
}

type ClientError = NodeJS.ErrnoException & { rawPacket?: Buffer };

function toClientError(error: ClientError) {
  const requestId = newRequestId();
  const { code } = error;
  if (isTlsHello(error)) return toErrorJson(new AppError("bad_request", HAS_NO_TLS), requestId);
  if (code === "HPE_HEADER_OVERFLOW") {
    return toErrorJson(new AppError("payload_too_large", "The headers are larger than 16 KB"), requestId, 431);
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return toErrorJson(new AppError("timed_out", "The request came too slowly"), requestId, 408);
  return toErrorJson(new AppError("bad_request", "This is not a valid HTTP request"), requestId);
}

interface HttpExchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** The exchanges of each socket that are not over, in order. */
function trackExchanges(server: Server): WeakMap<Duplex, Set<HttpExchange>> {
  const open = new WeakMap<Duplex, Set<HttpExchange>>();
  const track = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const here = open.get(socket) ?? new Set();
    const exchange = { request, response };
    open.set(socket, here.add(exchange));
    const over = () => {
      if (request.complete && response.closed) here.delete(exchange);
    };
    response.once("close", over);
    request.once("close", over);
  };
  server.on("request", track);
  server.on("checkContinue", track);
  return open;
}
