import { type ClientOptions, WebSocket } from "ws";
import { AppError, fromErrorBody, isAppError } from "../base/appError.ts";
import { onAbort } from "../base/wait.ts";
import type { ErrorBody } from "../protocol/error.ts";
import type { Wire } from "../protocol/frame.ts";
import type { Origin } from "../protocol/message.ts";
import { createSocketWire } from "../net/socketWire.ts";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { proveGateway } from "./gatewayChallenge.ts";
import { misspokenTo } from "./gatewayRequest.ts";
import { holdToCertificate } from "./peerCertificate.ts";
import { sayClient } from "./sayClient.ts";

export interface ConnectOptions {
  signal?: AbortSignal;
  /** What the other end is told of who calls. */
  via?: Extract<Origin["via"], "cli" | "panel" | "palette" | "api">;
  timeoutMs?: number;
}

// Histories and diffs come in one frame.
const LARGEST_FRAME = 64 * 1024 * 1024;

/**
 * A wire to the gateway at the address, which proves itself first where the address holds a nonce. Rejects with the
 * gateway's own refusal, or `unavailable`.
 */
export async function connectWire(address: GatewayAddress, options: ConnectOptions = {}): Promise<Wire> {
  const { url, token, certificate } = address;
  const { signal, via = "cli", timeoutMs = 10_000 } = options;
  signal?.throwIfAborted();
  await proveGateway(address, signal);
  const socket = new WebSocket(`${url.replace(/^http/, "ws").replace(/\/$/, "")}/ws`, {
    headers: { Authorization: `Bearer ${token}`, ...sayClient(via, address.nonce) },
    handshakeTimeout: timeoutMs,
    maxPayload: LARGEST_FRAME,
    perMessageDeflate: false,
    followRedirects: false,
    ...(certificate === undefined ? {} : heldTo(url, certificate)),
  });
  const gone = onAbort(signal, () => socket.terminate());
  try {
    await opened(socket);
    return createSocketWire(socket);
  } catch (error) {
    signal?.throwIfAborted();
    if (isAppError(error)) throw error;
    const misspoken = misspokenTo(url, error as NodeJS.ErrnoException);
    throw new AppError("unavailable", misspoken ?? `No gateway answers at ${url}`, { cause: error });
  } finally {
    gone.dispose();
  }
}

function heldTo(url: string, certificate: string): ClientOptions {
  return {
    rejectUnauthorized: false,
    finishRequest(request) {
      if (url.startsWith("https:")) holdToCertificate(request, url, certificate);
      request.end();
    },
  };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
    socket.once("unexpected-response", (request, response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text = (text + chunk).slice(0, 65_536)));
      response.on("end", () => {
        request.destroy();
        reject(toRefusal(text, response.statusCode));
      });
    });
  });
}

function toRefusal(text: string, status: number | undefined): AppError {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorBody };
    if (error && typeof error.code === "string" && typeof error.message === "string") return fromErrorBody(error);
  } catch {
    // Not a gateway's words; said below.
  }
  return new AppError("unavailable", `The gateway refused the connection with status ${status ?? "unknown"}`);
}
