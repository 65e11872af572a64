import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AppError, isAppError } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { holdToCertificate } from "./peerCertificate.ts";
import { refuseUpgrade } from "../net/refuseUpgrade.ts";

const KEEP_ALIVE_MS = 30_000;

export interface GatewayRequest {
  method: "GET" | "POST";
  path: string;
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** How long nothing may come; without it for ever, as runs may take long. */
  silenceMs?: number;
}

/** One request, as it is: no token of its own accord, no redirect followed. Rejects with `unavailable` without a response. */
export function requestGateway(
  { url, certificate }: Pick<GatewayAddress, "url" | "certificate">,
  { method, path, body, headers, signal, silenceMs }: GatewayRequest,
): Promise<IncomingMessage> {
  // Not fetch: it gives up on any response that takes longer than five minutes.
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const isHeld = url.startsWith("https:") && certificate !== undefined;
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      method,
      headers: { ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
      // Nothing is to keep the process alive after the response.
      agent: false,
      ...defined({ timeout: silenceMs, signal }),
      ...(isHeld ? { rejectUnauthorized: false } : {}),
    });
    if (isHeld) holdToCertificate(sent, url, certificate);
    // A machine that is gone without a word ends no connection by itself.
    sent.setSocketKeepAlive(true, KEEP_ALIVE_MS);
    sent.on("response", resolve);
    refuseUpgrade(sent, (why) => reject(toUnavailable(url, why)));
    sent.on("timeout", () => sent.destroy(new Error("it took too long")));
    sent.on("error", (error: NodeJS.ErrnoException) => reject(toUnavailable(url, error)));
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

/** A sentence where TLS was spoken to what has none, or the other way round; undefined for other faults. */
export function misspokenTo(url: string, error: NodeJS.ErrnoException): string | undefined {
  if (url.startsWith("https:"))
    return error.code === "EPROTO" || error.code?.startsWith("ERR_SSL_") === true
      ? `What answers at ${url} does not speak TLS as this client does; a gateway without it is at http://${url.slice(8)}`
      : undefined;
  const isCut = error.message === "socket hang up" || error.code?.startsWith("HPE_") === true;
  return isCut
    ? `What listens at ${url} answers no plain HTTP; a gateway with TLS is at https://${url.slice(7)}`
    : undefined;
}

function toUnavailable(url: string, error: NodeJS.ErrnoException): AppError {
  if (isAppError(error)) return error;
  if (error.code === "ECONNREFUSED")
    return new AppError("unavailable", `Nothing listens at ${url}; start a gateway with: pincer gateway`);
  if (/SELF_SIGNED|CERT|ISSUER/.test(error.code ?? "")) {
    return new AppError(
      "unavailable",
      `The certificate of ${url} is not trusted (${error.code}); name its file in NODE_EXTRA_CA_CERTS`,
    );
  }
  const misspoken = misspokenTo(url, error);
  if (misspoken !== undefined) return new AppError("unavailable", misspoken, { cause: error });
  return new AppError("unavailable", `${url} did not answer: ${error.message}`, { cause: error });
}
