import { Readable } from "node:stream";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { proveGateway } from "./gatewayChallenge.ts";
import { requestGateway } from "./gatewayRequest.ts";

/**
 * `fetch` of one gateway, whatever address it is given, with the token in each request; nothing is sent before the gateway has
 * proved to be the one that is meant. Rejects with an AppError.
 */
export function createGatewayFetch(
  address: GatewayAddress,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, { method, headers, body, signal } = {}) => {
    await proveGateway(address, signal ?? undefined);
    const { pathname, search } = new URL(url, address.url);
    const response = await requestGateway(address, {
      method: method === "POST" ? "POST" : "GET",
      path: pathname + search,
      headers: { ...Object.fromEntries(new Headers(headers)), authorization: `Bearer ${address.token}` },
      signal: signal ?? undefined,
      ...(typeof body === "string" ? { body: JSON.parse(body) as object } : {}),
    });
    const status = response.statusCode ?? 502;
    const given = Object.entries(response.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const isEmpty = status === 204 || status === 304;
    const stream = isEmpty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
    if (isEmpty) response.resume();
    return new Response(stream, { status, headers: given });
  };
}
