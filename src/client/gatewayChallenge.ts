import { randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../base/appError.ts";
import { proofOf } from "../net/gatewayProof.ts";
import { fetchJson } from "./fetchJson.ts";

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
