import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import { onAbort } from "../base/wait.ts";
import { addressPatience } from "./addressPatience.ts";
import { markLost } from "./keptConnections.ts";
import { readPackings, unpackBody } from "./unpackBody.ts";
import { type BodyReader, readResponse } from "./readBody.ts";
import { refuseUpgrade } from "./refuseUpgrade.ts";

// As long as Node's own fetch waits for it.
const CONNECT_MS = 10_000;
// So much may wait to be read before the far end is told to pause.
const MOST_WAITING_BYTES = 64 * 1024;
// As Node's own fetch says, and some fronts refuse who names no program.
const USER_AGENT = "node";
// As Node's own fetch says; of others, a frame may wait in what is packed for the next.
const PACKINGS = "gzip, deflate";
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * In place of the global fetch, for a text that is to be sent to an address and followed to no other: by Node's plain client, at half
 * the work, and for as long as its answer takes. All else is the global fetch's. Knows of no proxy but the agent's of the process.
 */
export const plainFetch: typeof fetch = (input, init = {}) => {
  const url = input instanceof Request ? null : URL.parse(String(input));
  const { body, redirect = "follow" } = init;
  return url && typeof body === "string" && redirect !== "follow"
    ? ask(url, body, init)
    : globalThis.fetch(input, init);
};

async function ask(
  url: URL,
  body: string,
  { method = "POST", headers, signal, redirect }: RequestInit,
): Promise<Response> {
  signal?.throwIfAborted();
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: toSent(headers, body), ...addressPatience });
    const gone = onAbort(signal ?? undefined, () => {
      reject(signal!.reason as Error);
      outgoing.destroy();
    });
    boundConnecting(outgoing);
    const fail = (cause: Error): void => {
      gone.dispose();
      reject(new TypeError("fetch failed", { cause }));
    };
    outgoing.on("error", (error) => {
      if (outgoing.reusedSocket) markLost(error);
      fail(error);
    });
    refuseUpgrade(outgoing, fail);
    outgoing.on("response", (message) => {
      message.on("close", () => gone.dispose());
      toResponse(message, signal, redirect === "manual").then(resolve, reject);
    });
    outgoing.end(body);
  });
}

function toSent(given: RequestInit["headers"], body: string): Record<string, string | number> {
  const sent: Record<string, string | number> = { "accept-encoding": PACKINGS, "user-agent": USER_AGENT };
  const headers = given instanceof Headers ? given : new Headers(given);
  headers.forEach((value, name) => (sent[name] = value));
  sent["content-length"] = Buffer.byteLength(body);
  return sent;
}

function boundConnecting(outgoing: http.ClientRequest): void {
  outgoing.on("socket", (socket) => {
    if (!socket.connecting) return;
    const slow = () => outgoing.destroy(Object.assign(new Error("Connect timeout"), { code: "ETIMEDOUT" }));
    const timer = setTimeout(slow, CONNECT_MS);
    for (const event of ["connect", "close"] as const) socket.once(event, () => clearTimeout(timer));
  });
}

async function toResponse(
  message: http.IncomingMessage,
  signal: RequestInit["signal"],
  mayLead: boolean,
): Promise<Response> {
  const { statusCode: status = 0, statusMessage: statusText = "", rawHeaders } = message;
  if (REDIRECTS.has(status) && !mayLead) {
    message.destroy();
    throw new TypeError("fetch failed", { cause: new Error("It leads elsewhere") });
  }
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  const packedAs = readPackings(message.headers["content-encoding"]) ?? [];
  const body = packedAs.length === 0 ? message : await unpackBody(message, packedAs);
  return readResponse(readerOf(body, signal), { status, statusText, headers });
}

function readerOf(body: Readable, signal: RequestInit["signal"]): BodyReader {
  let pieces: Buffer<ArrayBuffer>[] = [];
  let bytes = 0;
  let end: { fault?: unknown } | undefined;
  let wake = (): void => {};
  const over = (fault?: Error) => {
    end ??= fault ? { fault: signal?.aborted ? signal.reason : new TypeError("terminated", { cause: fault }) } : {};
    wake();
  };
  body.on("data", (piece: Buffer<ArrayBuffer>) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MOST_WAITING_BYTES) body.pause();
    wake();
  });
  body.on("end", () => over());
  body.on("error", over);
  body.on("close", () => over(new Error("The connection was closed")));
  return {
    async read() {
      for (;;) {
        if (pieces.length > 0) {
          // A model writes a piece for each word, and those that came together are as much work as one when they are read as one.
          const value = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);
          pieces = [];
          bytes = 0;
          if (body.isPaused()) body.resume();
          return { done: false, value };
        }
        if (end?.fault) throw end.fault as Error;
        if (end) return { done: true, value: undefined };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async cancel() {
      pieces = [];
      over();
      body.destroy();
    },
  };
}
