import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { AppError, fromErrorBody, isAppError } from "../base/appError.ts";
import type { ErrorBody } from "../protocol/error.ts";
import type { GatewayEvent } from "../protocol/event.ts";
import { readEvents } from "./eventStream.ts";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { proveGateway } from "./gatewayChallenge.ts";
import { type GatewayRequest, requestGateway } from "./gatewayRequest.ts";
import type { Output, RouteName } from "./routeClient.ts";
import { sayClient } from "./sayClient.ts";

type Query = Record<string, string | number | boolean | undefined>;

/** The routes of a gateway over REST, by name: "sessions.list" is /api/sessions/list. Rejects with the AppError it tells. */
export interface RestClient {
  /** The signal ends it with an error, as it does below. */
  get<Name extends RouteName>(route: Name, query?: Query, signal?: AbortSignal): Promise<Output<Name>>;
  post<Name extends RouteName>(route: Name, body?: object, signal?: AbortSignal): Promise<Output<Name>>;
  /** The same call, its events as they happen. Stopping to read closes the connection, and so does the signal, with an error. */
  stream(route: RouteName, body: object, signal: AbortSignal): AsyncIterable<GatewayEvent>;
}

/** Asks the gateway for its proof before each call, where the address holds a nonce: between two of them the port may come to somebody else. */
export function createRestClient(address: GatewayAddress): RestClient {
  const path = (route: string) => `/api/${route.replaceAll(".", "/")}`;
  const send = async (request: GatewayRequest) => {
    await proveGateway(address, request.signal);
    const headers = { Authorization: `Bearer ${address.token}`, ...sayClient("cli", address.nonce) };
    return requestGateway(address, { ...request, headers: { ...headers, ...request.headers } });
  };
  return {
    async get<Name extends RouteName>(route: Name, query: Query = {}, signal?: AbortSignal) {
      return readOutput<Output<Name>>(await send({ method: "GET", path: path(route) + toSearch(query), signal }));
    },
    async post<Name extends RouteName>(route: Name, body: object = {}, signal?: AbortSignal) {
      return readOutput<Output<Name>>(await send({ method: "POST", path: path(route), body, signal }));
    },
    async *stream(route, body, signal) {
      const headers = { Accept: "text/event-stream" };
      const response = await send({ method: "POST", path: path(route), body, headers, signal });
      if (!isStream(response)) {
        await readOutput(response);
        throw new AppError(
          "unavailable",
          `${address.url} answered without a stream of events; is it a Pincer gateway?`,
        );
      }
      yield* readEvents(response);
    },
  };
}

async function readOutput<T>(response: IncomingMessage): Promise<T> {
  const status = response.statusCode ?? 0;
  const body = parse(await readAll(response));
  if (status >= 200 && status < 300 && body !== undefined) return body as T;
  const error = (body as { error?: ErrorBody } | undefined)?.error;
  if (error?.message) throw fromErrorBody(error);
  throw new AppError("unavailable", `The response (status ${status}) is not that of a Pincer gateway`);
}

async function readAll(response: IncomingMessage): Promise<string> {
  try {
    return await text(response);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError("unavailable", "The gateway went away before its response was whole", { cause: error });
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
