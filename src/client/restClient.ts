import { createHmac, randomBytes } from "node:crypto";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { AppError, fromErrorBody, isAppError } from "../base/appError.ts";
import type { ErrorBody } from "../protocol/error.ts";
import type { GatewayEvent } from "../protocol/event.ts";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { readEvents } from "./eventStream.ts";

type Query = Record<string, string | number | boolean | undefined>;

/** The routes of a gateway over REST, by name: "sessions.list" is /api/sessions/list. Rejects with the AppError it tells. */
export interface GatewayClient {
  get<T>(route: string, query?: Query): Promise<T>;
  post<T>(route: string, body?: object): Promise<T>;
  /** The same call, its events as they happen. Stopping to read closes the connection, and so does the signal, with an error. */
  stream(route: string, body: object, signal: AbortSignal): AsyncIterable<GatewayEvent>;
}

// Not fetch: it gives up on any answer that takes longer than five minutes, and runs may.
export function createGatewayClient(address: GatewayAddress): GatewayClient {
  const path = (route: string) => `/api/${route.replaceAll(".", "/")}`;
  let proved: Promise<void> | undefined;
  const send = async (asked: Ask) => {
    await (proved ??= prove(address));
    const headers = { Authorization: `Bearer ${address.token}`, "X-Pincer-Client": "cli" };
    return ask(address, { ...asked, headers: { ...headers, ...asked.headers } });
  };
  return {
    async get<T>(route: string, query: Query = {}) {
      return readAnswer<T>(await send({ method: "GET", path: path(route) + toSearch(query) }));
    },
    async post<T>(route: string, body: object = {}) {
      return readAnswer<T>(await send({ method: "POST", path: path(route), body }));
    },
    async *stream(route, body, signal) {
      const headers = { Accept: "text/event-stream" };
      const response = await send({ method: "POST", path: path(route), body, headers, signal });
      if (!isStream(response)) {
        await readAnswer(response);
        throw new AppError(
          "unavailable",
          `${address.url} answered without a stream of events; is it a Pincer gateway?`,
        );
      }
      yield* readEvents(response);
    },
  };
}

/** The port may be another program's by now: it has to show that it knows the nonce before it sees the token. */
async function prove(address: GatewayAddress): Promise<void> {
  const { url, nonce } = address;
  if (nonce === undefined) return;
  const challenge = randomBytes(16).toString("base64url");
  const { port, protocol } = new URL(url);
  const response = await ask(address, { method: "GET", path: `/health?challenge=${challenge}` });
  const given = parse(await readAll(response)) as { proof?: unknown } | undefined;
  const text = `${challenge}\n${port || (protocol === "https:" ? 443 : 80)}`;
  if (given?.proof !== createHmac("sha256", nonce).update(text).digest("base64url")) {
    throw new AppError("unavailable", `What answers at ${url} is not the gateway that was started there`);
  }
}

interface Ask {
  method: "GET" | "POST";
  path: string;
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function ask({ url, ca }: GatewayAddress, { method, path, body, headers, signal }: Ask): Promise<IncomingMessage> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      method,
      headers: { ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
      // Nothing is to keep the process alive after the answer.
      agent: false,
      ...(ca ? { ca } : {}),
      ...(signal ? { signal } : {}),
    });
    sent.on("response", resolve);
    sent.on("error", (error: NodeJS.ErrnoException) => reject(toUnavailable(url, error)));
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

function toUnavailable(url: string, error: NodeJS.ErrnoException): AppError {
  if (error.code === "ECONNREFUSED")
    return new AppError("unavailable", `Nothing listens at ${url}; start a gateway with: pincer gateway`);
  if (/SELF_SIGNED|CERT|ISSUER/.test(error.code ?? "")) {
    return new AppError(
      "unavailable",
      `The certificate of ${url} is not trusted (${error.code}); name its file in NODE_EXTRA_CA_CERTS`,
    );
  }
  return new AppError("unavailable", `${url} did not answer: ${error.message}`, { cause: error });
}

async function readAnswer<T>(response: IncomingMessage): Promise<T> {
  const status = response.statusCode ?? 0;
  const body = parse(await readAll(response));
  if (status >= 200 && status < 300 && body !== undefined) return body as T;
  const error = (body as { error?: ErrorBody } | undefined)?.error;
  if (error?.message) throw fromErrorBody(error);
  throw new AppError("unavailable", `The answer (status ${status}) is not that of a Pincer gateway`);
}

async function readAll(response: IncomingMessage): Promise<string> {
  try {
    return await text(response);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError("unavailable", "The gateway went away before its answer was whole", { cause: error });
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isStream(response: IncomingMessage): boolean {
  return response.headers["content-type"]?.startsWith("text/event-stream") === true;
}

function toSearch(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.append(key, String(value));
  return search.size === 0 ? "" : `?${search}`;
}
