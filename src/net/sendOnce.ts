import * as http from "node:http";
import * as https from "node:https";
import { onAbort } from "../base/wait.ts";
import { longPatience } from "./addressPatience.ts";
import { refuseUpgrade } from "./refuseUpgrade.ts";

export interface OneRequest {
  url: string;
  headers?: Record<string, string>;
  /** By default POST where there is a body, else GET. */
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: string | Buffer;
  /** Until the last byte. */
  timeoutMs: number;
  /** Of the answer; beyond it is an error. */
  maxBytes: number;
  signal?: AbortSignal;
}

export interface OneAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** It could not be sent, or was not answered. */
export class SendFault extends Error {
  /** Whether it may have arrived for all that is known. */
  readonly maybeSent: boolean;
  /** More came back than was asked for: it would again. */
  readonly isTooLarge: boolean;

  constructor(reason: string, maybeSent: boolean, isTooLarge = false) {
    super(reason);
    this.maybeSent = maybeSent;
    this.isTooLarge = isTooLarge;
  }
}

/**
 * One request to an address that the user's own configuration names, through the proxy there may be. It is never repeated, and follows
 * no redirect. Rejects with a SendFault, whose words hold nothing of the URL: there may be a secret in it.
 */
export async function sendOnce(request: OneRequest): Promise<OneAnswer> {
  const { url, headers = {}, body, timeoutMs, maxBytes, signal } = request;
  const { method = body === undefined ? "GET" : "POST" } = request;
  let isGone = false;
  const answered = Promise.withResolvers<OneAnswer>();
  const fail = (reason: string) => answered.reject(new SendFault(reason, isGone));
  const send = url.startsWith("https:") ? https.request : http.request;
  const outgoing = send(url, {
    method,
    ...longPatience,
    // A line that is used again may have been closed by the other end: then nobody knows whether a request arrived.
    headers: {
      ...headers,
      connection: "close",
      ...(method === "GET" ? {} : { "content-length": Buffer.byteLength(body ?? "") }),
    },
  });
  // Its length is said first: whoever got less of it has got no request. What the system has taken may be there already.
  outgoing.on("finish", () => (isGone = true));
  outgoing.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "the connection failed"));
  refuseUpgrade(outgoing, ({ message }) => fail(message));
  outgoing.on("response", (message) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) return;
      answered.reject(new SendFault(`more than ${maxBytes} bytes came back`, isGone, true));
      outgoing.destroy();
    });
    message.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    message.on("close", () => {
      const { statusCode: status = 0, headers: told } = message;
      if (message.complete) answered.resolve({ status, headers: told, body: Buffer.concat(chunks) });
      else fail("the answer broke off");
    });
  });
  const stop = (reason: string) => {
    fail(reason);
    outgoing.destroy();
  };
  const timer = setTimeout(() => stop("no answer in time"), timeoutMs);
  const gone = onAbort(signal, () => stop("it was given up"));
  outgoing.end(body);
  try {
    return await answered.promise;
  } finally {
    clearTimeout(timer);
    gone.dispose();
  }
}
