import { defined } from "../base/defined.ts";
import { clientProof } from "../net/gatewayProof.ts";

/** Headers that tell a gateway who calls, with the proof that makes it believe so. */
export function sayClient(client: string, nonce: string | undefined): Record<string, string> {
  const proof = nonce === undefined ? undefined : clientProof(nonce, client);
  return { "X-Pincer-Client": client, ...defined({ "X-Pincer-Client-Proof": proof }) };
}
