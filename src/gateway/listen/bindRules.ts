import { AppError } from "../../base/appError.ts";
import { isLoopback } from "../../net/loopback.ts";
import type { NamedToken } from "../auth/tokens.ts";

/** `bad_request` when the gateway would be reachable from other machines without TLS and strong tokens. */
export function checkBind({ host, tls, tokens }: { host: string; tls: boolean; tokens: NamedToken[] }): void {
  if (isLoopback(host)) return;
  if (!tls)
    throw new AppError(
      "bad_request",
      `Listening on ${host} needs TLS: set gateway.tls to a certificate and key, or to selfSigned`,
    );
  const weak = tokens.find((token) => !isStrong(token.value));
  if (weak) {
    throw new AppError(
      "bad_request",
      `Listening on ${host} needs tokens of at least 32 random bytes; the token ${JSON.stringify(weak.name)} is weaker`,
    );
  }
}

/** As long as 32 random bytes in base64url, and not of a few characters only. */
function isStrong(token: string): boolean {
  return token.length >= 43 && new Set(token).size >= 12;
}
