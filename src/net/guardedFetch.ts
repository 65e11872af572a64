import { isUtf8 } from "node:buffer";
import * as http from "node:http";
import * as https from "node:https";
import { AppError, isAppError } from "../base/appError.ts";
import { addressPatience } from "./addressPatience.ts";
import { createCookieJar } from "./cookieJar.ts";
import type { NetworkGuard } from "./networkGuard.ts";
import { packings, readPackings, unpackBody } from "./unpackBody.ts";
import { refuseUpgrade } from "./refuseUpgrade.ts";

export interface GuardedRequest {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** 5 when not given. */
  maxRedirects?: number;
  /** Throws for an address that is not to be asked, the first and each that it leads to; before its name is looked up. */
  admit?: (url: string) => void;
  /** Of the body, unpacked; more is cut off. 5 MB when not given. */
  maxBytes?: number;
  /** For each hop, until the last byte. 30 s when not given. */
  timeoutMs?: number;
}

export interface GuardedResponse {
  /** Of the last hop. */
  url: string;
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  truncated: boolean;
}

/** Fetches over the guard: every hop is checked again, and credentials are dropped as soon as the origin changes. */
export async function guardedFetch(
  guard: NetworkGuard,
  url: string,
  request: GuardedRequest = {},
): Promise<GuardedResponse> {
  request.admit?.(url);
  let current = await guard.check(url);
  let sent: GuardedRequest = request;
  const cookies = createCookieJar();
  for (let hop = 0; hop <= (request.maxRedirects ?? 5); hop += 1) {
    const response = await fetchOnce(guard, current, withCookie(sent, cookies.headerFor(current)));
    cookies.store(current, response.headers["set-cookie"] ?? []);
    const location = asUtf8(response.headers.location);
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
    const next = URL.parse(location, current.href);
    if (!next) throw new AppError("bad_request", `${current.href} redirects to "${location}", which is no URL`);
    sent = nextRequest(sent, response.status, next.origin !== current.origin);
    request.admit?.(next.href);
    current = await guard.check(next);
  }
  throw new AppError("bad_request", `${url} redirects too many times`);
}

/** Node reads headers byte by byte; some servers write an address of theirs as UTF-8. */
function asUtf8(header: string | undefined): string | undefined {
  const bytes = Buffer.from(header ?? "", "latin1");
  return header !== undefined && isUtf8(bytes) ? bytes.toString("utf8") : header;
}

function withCookie(sent: GuardedRequest, cookie: string | undefined): GuardedRequest {
  if (cookie === undefined) return sent;
  const own = Object.entries(sent.headers ?? {});
  const given = own.filter(([name]) => name.toLowerCase() === "cookie").map(([, value]) => value);
  const others = Object.fromEntries(own.filter(([name]) => name.toLowerCase() !== "cookie"));
  return { ...sent, headers: { ...others, cookie: [...given, cookie].join("; ") } };
}

// What a page may learn across origins; a list of what to drop would miss the next vendor's key header.
const HARMLESS_HEADERS = new Set(["accept", "accept-language", "user-agent"]);

function nextRequest(sent: GuardedRequest, status: number, crossOrigin: boolean): GuardedRequest {
  const toGet = status === 303 || (sent.method === "POST" && status < 307);
  const dropped = (name: string) =>
    (crossOrigin && !HARMLESS_HEADERS.has(name)) || (toGet && name.startsWith("content-"));
  const headers = Object.fromEntries(
    Object.entries(sent.headers ?? {}).filter(([name]) => !dropped(name.toLowerCase())),
  );
  const next: GuardedRequest = { ...sent, headers };
  if (toGet) {
    next.method = "GET";
    delete next.body;
  } else if (crossOrigin && sent.body !== undefined) {
    throw new AppError("forbidden", "The request was redirected to another site, and its body is not sent there");
  }
  return next;
}

async function fetchOnce(guard: NetworkGuard, url: URL, request: GuardedRequest): Promise<GuardedResponse> {
  const timeLimit = AbortSignal.timeout(request.timeoutMs ?? 30_000);
  const signal = request.signal ? AbortSignal.any([request.signal, timeLimit]) : timeLimit;
  try {
    const message = await open(guard, url, request, signal);
    const { body, truncated } = await readBody(message, request.maxBytes ?? 5_000_000);
    return { url: url.href, status: message.statusCode ?? 0, headers: message.headers, body, truncated };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (isAppError(error)) throw error;
    if (timeLimit.aborted) throw new AppError("timed_out", `${url.href} did not answer in time`);
    throw new AppError("unavailable", `${url.href} could not be fetched: ${reason(error)}`, { cause: error });
  }
}

function open(
  guard: NetworkGuard,
  url: URL,
  request: GuardedRequest,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? https.request : http.request;
    const outgoing = send(url, {
      method: request.method ?? "GET",
      headers: { "accept-encoding": packings, ...request.headers },
      lookup: guard.lookup,
      ...addressPatience,
      // A pooled socket may have been opened by someone who did not check its address.
      agent: false,
      signal,
    });
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    refuseUpgrade(outgoing, reject);
    // Whatever else ends it without an answer.
    outgoing.on("close", () => reject(new Error("the connection was closed without an answer")));
    outgoing.end(request.body);
  });
}

async function readBody(
  message: http.IncomingMessage,
  maxBytes: number,
): Promise<{ body: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A packing that nobody knows stays: the headers tell of it.
  const packedAs = readPackings(message.headers["content-encoding"]) ?? [];
  for await (const chunk of (await unpackBody(message, packedAs)) as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    if (size > maxBytes) {
      message.destroy();
      return { body: Buffer.concat(chunks), truncated: true };
    }
  }
  return { body: Buffer.concat(chunks), truncated: false };
}

function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
