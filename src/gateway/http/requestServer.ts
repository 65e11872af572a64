import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { AppError, isAppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { newRequestId } from "../../base/id.ts";
import { abortWith, onAbort } from "../../base/wait.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Origin } from "../../protocol/message.ts";
import { isPhone } from "../calls/scope.ts";
import { originOf } from "../auth/originOf.ts";
import type { Refusal } from "../auth/refusals.ts";
import { authorize, type Authorized, type Gate, type Head } from "../auth/authorize.ts";
import type { Connections } from "../auth/connections.ts";
import type { Endpoint, Exchange } from "./endpoint.ts";
import type { Router } from "./router.ts";
import { type ErrorJson, toErrorJson, writeJson, writeRaw, writeReply } from "./writeReply.ts";
import type { Principal } from "../auth/tokens.ts";

// What is left of a response that was written, or of the request that it answers, does not stay for ever.
const UNREAD_RESPONSE_MS = 60_000;

export interface RequestServerOptions {
  gate: Gate<Endpoint> & { router: Router };
  /** Where streams are noted while they last. */
  connections: Connections;
  log: Log;
  clock: Clock;
  /** Aborts when the gateway closes; its reason is told. */
  closing: AbortSignal;
  /** Told of every request that got no further than the gate. */
  onRefused?: (refusal: Refusal) => void;
  /** What our own clients prove themselves with. */
  nonce?: string | undefined;
  /** Takes a socket whose upgrade was admitted. */
  onSocket: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    admitted: { principal: Principal; origin: Origin },
  ) => void;
}

export interface RequestServer {
  onRequest: RequestListener;
  onCheckContinue: RequestListener;
  onCheckExpectation: RequestListener;
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  onConnect: (request: IncomingMessage, socket: Duplex) => void;
  /** Told of a connection that speaks `what` where the other is spoken. */
  onMisspoken: (what: "TLS" | "plain HTTP") => void;
}

type Expect = "none" | "continue" | "unknown";

/** Lets requests in by `authorize` and writes what their endpoints come to. */
export function createRequestServer(options: RequestServerOptions): RequestServer {
  return {
    onRequest: (request, response) => void serve(options, { request, response, expect: "none" }),
    onCheckContinue: (request, response) => void serve(options, { request, response, expect: "continue" }),
    onCheckExpectation: (request, response) => void serve(options, { request, response, expect: "unknown" }),
    onUpgrade: (request, socket, head) => upgrade(options, request, socket, head),
    onConnect: (request, socket) => refuseTunnel(options, request, socket),
    onMisspoken: sayMisspoken(options),
  };
}

interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
  expect: Expect;
}

async function serve(options: RequestServerOptions, asked: Asked): Promise<void> {
  const { request, response, expect } = asked;
  const requestId = newRequestId();
  const replyHeaders: Record<string, string> = {};
  let admitted: Authorized<Endpoint> | undefined;
  let origin: Origin = { via: "api" };
  try {
    refuseWhenClosing(options.closing);
    admitted = authorize(headOf(request), options.gate, (known) => (origin = originOf(known, options.nonce)));
    if (expect === "unknown") throw new AppError("bad_request", "Only Expect: 100-continue is understood");
    if (expect === "continue") response.writeContinue();
    await reply(options, admitted, { request, response, requestId, replyHeaders });
  } catch (error) {
    if (!isAppError(error))
      options.log.error("A request failed", { requestId, path: admitted?.path, error: describeError(error) });
    // A response that was begun can only be cut off.
    if (response.headersSent) response.destroy();
    else {
      const json = toErrorJson(error, requestId);
      if (!admitted) tellRefused(options, { request, requestId, json, origin });
      await writeError(options, json, { ...asked, replyHeaders });
    }
  } finally {
    cutUnread(response);
  }
}

/** Has the endpoint answer, and writes what it says for as long as its token is good. */
async function reply(
  { gate, connections, clock, closing, nonce }: RequestServerOptions,
  admitted: Authorized<Endpoint>,
  { response, ...given }: Pick<Exchange, "request" | "requestId" | "replyHeaders"> & { response: ServerResponse },
): Promise<void> {
  const { endpoint, ...rest } = admitted;
  const ending = new AbortController();
  const { signal } = ending;
  const closes = abortWith(ending, closing);
  const leaving = leftBy(response);
  const gone = leaving.signal;
  abortWith(ending, gone);
  onAbort(gone, () => closes.dispose());
  const { principal } = admitted;
  const checkToken = () => {
    if (principal && !gate.tokens.isGood(principal)) throw gate.tokens.refusalOf(principal);
  };
  const exchange: Exchange = { ...given, ...rest, checkToken, origin: originOf(admitted, nonce), signal, gone };
  const made = await endpoint.handle(exchange);
  // What it waited for is not told to a phone that was removed meanwhile, and a stream that is to come to nobody.
  const isTold = principal && (isPhone(principal.scope) || "events" in made);
  if (isTold && !endpoint.farewell) checkToken();
  // A stream ends with its token. What the gateway's own end has ended has ended by then.
  const sendAway = (reason: string) => (signal.aborted ? undefined : leaving.abort(reason));
  const held =
    "events" in made && principal ? connections.add({ principal, close: (reason) => sendAway(reason) }) : undefined;
  try {
    await writeReply(response, made, { ...exchange, clock });
  } finally {
    held?.dispose();
  }
}

async function writeError(
  { gate, closing, clock }: RequestServerOptions,
  json: ErrorJson,
  { request, response, replyHeaders, expect }: Asked & Pick<Exchange, "replyHeaders">,
): Promise<void> {
  const body = errorShape(gate.router, request)?.(json.body.error) ?? json.body;
  // A body that was announced and never asked for may come or not: the connection cannot go on.
  const close: Record<string, string> = expect === "none" && !closing.aborted ? {} : { Connection: "close" };
  await writeJson(response, { ...json, body, headers: { ...replyHeaders, ...json.headers, ...close } }, clock);
}

/** Clients of other doors read errors in their own shape, also where the request was refused at the gate. */
function errorShape(router: Router, request: IncomingMessage): Endpoint["toErrorReply"] {
  const path = /^(?:https?:\/\/[^/]*)?([^?]*)/i.exec(request.url ?? "")?.[1] ?? "";
  return router.at(path)?.toErrorReply;
}

function upgrade(options: RequestServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  let origin: Origin = { via: "api" };
  try {
    refuseWhenClosing(options.closing);
    const admitted = authorize(headOf(request), options.gate, (known) => (origin = originOf(known, options.nonce)));
    const { endpoint, principal } = admitted;
    if (!endpoint.upgrade || !principal || request.headers.upgrade?.toLowerCase() !== "websocket") {
      throw new AppError("bad_request", "There is nothing to upgrade to here; WebSockets are at /ws");
    }
    options.onSocket(request, socket, head, { principal, origin });
  } catch (error) {
    refuseSocket(options, { request, socket, origin }, error);
  }
}

function refuseTunnel(options: RequestServerOptions, request: IncomingMessage, socket: Duplex): void {
  let origin: Origin = { via: "api" };
  try {
    // Its target is "host:port", which no route has.
    const head = { ...headOf(request), target: "/" };
    authorize(head, options.gate, (known) => (origin = originOf(known, options.nonce)));
  } catch (error) {
    refuseSocket(options, { request, socket, origin }, error);
  }
}

function refuseSocket(
  options: RequestServerOptions,
  { request, socket, origin }: { request: IncomingMessage; socket: Duplex; origin: Origin },
  error: unknown,
): void {
  const requestId = newRequestId();
  const json = toErrorJson(error, requestId);
  tellRefused(options, { request, requestId, json, origin });
  if (!isAppError(error)) options.log.error("An upgrade failed", { requestId, error: describeError(error) });
  writeRaw(socket, json);
}

function refuseWhenClosing(closing: AbortSignal): void {
  if (closing.aborted) throw new AppError("unavailable", "The gateway is shutting down", { retryAfterMs: 1000 });
}

const SAID_AGAIN_AFTER_MS = 60_000;

/** Logs it, once a minute at the most: somebody has the wrong address, and sees no more than a connection that ends. */
function sayMisspoken({ log, clock }: RequestServerOptions): RequestServer["onMisspoken"] {
  const said = new Map<string, number>();
  return (what) => {
    if (clock.now() - (said.get(what) ?? -Infinity) < SAID_AGAIN_AFTER_MS) return;
    said.set(what, clock.now());
    const [wanted, scheme] = what === "TLS" ? ["plain HTTP", "http"] : ["TLS", "https"];
    log.warn(`A client spoke ${what} to a port that speaks ${wanted}: its address must begin with ${scheme}://`);
  };
}

interface Refused {
  request: IncomingMessage;
  requestId: string;
  json: ErrorJson;
  /** By its token, where that was a good one. */
  origin: Origin;
}

function tellRefused({ onRefused }: RequestServerOptions, { request, requestId, json, origin }: Refused): void {
  const { method = "", url = "" } = request;
  onRefused?.({ requestId, verb: method, target: url, status: json.status, code: json.body.error.code, origin });
}

function headOf(request: IncomingMessage): Head {
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    rawHeaders: request.rawHeaders,
    remoteAddress: request.socket.remoteAddress ?? "",
  };
}

/** Aborts when the client goes away. */
function leftBy(response: ServerResponse): AbortController {
  const leaving = new AbortController();
  response.once("close", () => leaving.abort("the client went away"));
  return leaving;
}

function cutUnread(response: ServerResponse): void {
  if (response.writableFinished || response.destroyed) return;
  const timer = setTimeout(() => response.destroy(), UNREAD_RESPONSE_MS).unref();
  response.once("close", () => clearTimeout(timer));
}
