import { defined } from "../../base/defined.ts";
import { isSameSecret } from "../../base/text/sameSecret.ts";
import { clientProof } from "../../net/gatewayProof.ts";
import type { Origin } from "../../protocol/message.ts";
import { isPhone } from "../calls/scope.ts";
import type { Principal } from "./tokens.ts";

/**
 * Where a request came from, for the history and the audit log: nothing is allowed by it. A client counts as one of our
 * own (the panel, the palette, the command line) when it proves that it knows the nonce; all others are scripts.
 */
export function originOf(
  { headers, principal }: { headers: Map<string, string>; principal?: Principal | undefined },
  nonce: string | undefined,
): Origin {
  if (principal && isPhone(principal.scope)) return { via: "phone", id: principal.name };
  const client = headers.get("x-pincer-client");
  const isOurs = client === "cli" || client === "panel" || client === "palette";
  const proof = headers.get("x-pincer-client-proof");
  const via = isOurs && nonce && proof && isSameSecret(proof, clientProof(nonce, client)) ? client : "api";
  return { via, ...defined({ id: principal?.name }) };
}
