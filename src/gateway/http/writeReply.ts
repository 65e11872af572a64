import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../base/clock.ts";
import type { Exchange, Reply } from "./endpoint.ts";
import { writeEventStream } from "./writeEventStream.ts";
import { writePieces } from "./writePieces.ts";
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { toErrorBody } from "../../base/appError.ts";
import type { ErrorBody } from "../../protocol/error.ts";
import { MethodError } from "./router.ts";
import { STATUS_OF } from "../calls/errorStatus.ts";

/** Turns what an endpoint came to into the response. Resolves when it is written, or its reader is gone. */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  {
    requestId,
    replyHeaders,
    signal,
    gone,
    clock,
  }: Pick<Exchange, "requestId" | "replyHeaders" | "signal" | "gone"> & { clock: Clock },
): Promise<void> {
  const headers = { ...commonHeaders(requestId), ...replyHeaders };
  if (reply instanceof Response) return writeWeb(response, reply, { headers, gone, clock });
  if ("events" in reply) return writeEventStream(response, reply, { clock, headers, signal });
  const json = { status: reply.status ?? 200, body: reply.body, requestId, headers: replyHeaders };
  return writeJson(response, json, clock);
}

async function writeWeb(
  response: ServerResponse,
  reply: Response,
  { headers, gone, clock }: { headers: Record<string, string>; gone: AbortSignal; clock: Clock },
): Promise<void> {
  const all = new Headers(reply.headers);
  for (const name of reply.headers.keys()) if (name.startsWith("access-control-")) all.delete(name);
  // Whatever its letters' case, ours takes the place of what it brought along.
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  response.writeHead(reply.status, Object.fromEntries(all));
  if (!reply.body) return void response.end();
  const write = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks)
      if (!(await writePieces(response, [chunk], { clock }))) return void response.destroy();
    response.end();
  };
  // The client going away is no error of ours.
  await pipeline(Readable.fromWeb(reply.body), write, { signal: gone }).catch(() => response.destroy());
}

/** What every response carries. No CORS header is ever sent. */
export function commonHeaders(requestId: string): Record<string, string> {
  return { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": requestId };
}

export interface JsonResponse {
  status: number;
  body: unknown;
  requestId: string;
  headers?: Record<string, string>;
}

/** The response that tells an error, in the gateway's own shape. */
export interface ErrorJson extends JsonResponse {
  body: { error: ErrorBody };
}

/** Writes a whole response, as its reader takes it. Does nothing when one was begun already. */
export async function writeJson(response: ServerResponse, json: JsonResponse, clock: Clock): Promise<void> {
  const { status, body, requestId, headers } = json;
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(bytes.length),
    ...commonHeaders(requestId),
    ...errorHeaders(status, body),
    ...headers,
  });
  if (response.req.method !== "HEAD" && !(await writePieces(response, [bytes], { clock })))
    return void response.destroy();
  // A body that was announced with Expect and then refused does not come.
  if (response.req.complete || headers?.Connection === "close") response.end();
  else endAfterBody(response);
}

/**
 * Ends the response when its request has been read whole. A client that sends first and reads then would see a reset
 * instead of the response if the connection were closed while it is still sending.
 */
function endAfterBody(response: ServerResponse): void {
  response.req.once("end", () => response.end());
  response.req.resume();
}

/** Writes a response on a socket that never became a response, and closes it. */
export function writeRaw(socket: Duplex, { status, body, requestId, headers }: JsonResponse): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  const all: Record<string, string> = {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(bytes.length),
    Connection: "close",
    ...commonHeaders(requestId),
    ...errorHeaders(status, body),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines.join("")}\r\n`),
      bytes,
    ]),
  );
  // What still comes in is dropped; closing at once could reset the response away.
  socket.on("error", () => {});
  socket.resume();
  setTimeout(() => socket.destroy(), 1000).unref();
}

/** An error's response, with the headers that go with it. `status` where HTTP has one that no code maps to. */
export function toErrorJson(error: unknown, requestId: string, status?: number): ErrorJson {
  const body = toErrorBody(error, requestId);
  return {
    status: status ?? STATUS_OF[body.code],
    body: { error: body },
    requestId,
    ...(error instanceof MethodError ? { headers: { Allow: error.allow.join(", ") } } : {}),
  };
}

function errorHeaders(status: number, body: unknown): Record<string, string> {
  if (status === 401) return { "WWW-Authenticate": "Bearer" };
  if (status !== 429 && status !== 503) return {};
  const { retryAfterMs } = (body as { error?: ErrorBody }).error ?? {};
  if (retryAfterMs === undefined && status === 503) return {};
  return { "Retry-After": String(Math.max(1, Math.ceil((retryAfterMs ?? 1000) / 1000))) };
}
