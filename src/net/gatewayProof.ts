import { createHmac } from "node:crypto";

/** What a client that knows the nonce shows with its own name ("panel"). No answer to a challenge ever reads the same. */
export function clientProof(nonce: string, client: string): string {
  return createHmac("sha256", nonce).update(`client ${client}`).digest("base64url");
}

/** What only a holder of the nonce can say. Holds the port, so that a program on another one cannot pass the question on. */
export function proofOf(nonce: string, challenge: string, port: number): string {
  return createHmac("sha256", nonce)
    .update(`${challenge.slice(0, 200)}\n${port}`)
    .digest("base64url");
}
