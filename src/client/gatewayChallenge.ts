import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "../base/appError.ts";
import { proofOf } from "../net/gatewayProof.ts";
import type { GatewayAddress } from "./gatewayAddress.ts";
import { requestGateway } from "./gatewayRequest.ts";

const LARGEST_PROOF = 64 * 1024;
const SILENCE_MS = 5000;

/**
 * Resolves when the gateway at the address knows its nonce (from the lease, or gateway.json); at once where there is
 * none. To be asked before a token is sent: the port may belong to somebody else by now. Rejects with `unavailable`.
 */
export async function proveGateway(address: Omit<GatewayAddress, "token">, signal?: AbortSignal): Promise<void> {
  const { url, nonce } = address;
  if (nonce === undefined) return;
  const { port, protocol } = new URL(url);
  const challenge = randomBytes(16).toString("base64url");
  const path = `/health?challenge=${challenge}`;
  const proof = await readProof(await requestGateway(address, { method: "GET", path, signal, silenceMs: SILENCE_MS }));
  const expected = Buffer.from(proofOf(nonce, challenge, Number(port || (protocol === "https:" ? 443 : 80))));
  const given = Buffer.from(proof);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError("unavailable", `What answers at ${url} is not the gateway that was started there`);
  }
}

/** "" for whatever holds none. */
async function readProof(response: IncomingMessage): Promise<string> {
  try {
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) {
      text += String(chunk);
      if (text.length > LARGEST_PROOF) return "";
    }
    const { proof } = JSON.parse(text) as { proof?: unknown };
    return typeof proof === "string" ? proof : "";
  } catch {
    return "";
  }
}
