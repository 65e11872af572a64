import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../base/appError.ts";
import { fetchJson } from "./fetchJson.ts";

/** What only a holder of the nonce can say. Holds the port, so that a program on another one cannot pass the question on. */
export function proofOf(nonce: string, challenge: string, port: number): string {
  return createHmac("sha256", nonce)
    .update(`${challenge.slice(0, 200)}\n${port}`)
    .digest("base64url");
}

/**
 * Resolves when the gateway at `url` knows the nonce (from the lease, or gateway.json). To be asked before a token is
 * sent: the port may belong to somebody else by now. Rejects with `unavailable`.
 */
export async function proveGateway(
  url: string,
  nonce: string,
  options: { ca?: string; signal?: AbortSignal } = {},
): Promise<void> {
  const { port, protocol } = new URL(url);
  const challenge = randomBytes(16).toString("base64url");
  const body = await fetchJson(new URL(`/health?challenge=${challenge}`, url), options);
  const expected = Buffer.from(proofOf(nonce, challenge, Number(port || (protocol === "https:" ? 443 : 80))));
  const given = Buffer.from(typeof body.proof === "string" ? body.proof : "");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError("unavailable", `What answers at ${url} is not the gateway that wrote its address down`);
  }
}
