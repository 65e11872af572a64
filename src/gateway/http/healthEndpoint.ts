import type { Endpoint } from "./endpoint.ts";
import { proofOf } from "../../net/gatewayProof.ts";
import { parseQuery } from "../calls/target.ts";

/** Says that somebody is here and, to who sends a challenge, that it is the gateway which wrote the nonce down. */
export function createHealth(nonce: string | undefined): Endpoint {
  return {
    path: "/health",
    verbs: ["GET"],
    async handle({ request, query }) {
      const challenge = new Map(parseQuery(query)).get("challenge");
      const port = request.socket.localPort ?? 0;
      const proof = nonce !== undefined && challenge !== undefined ? { proof: proofOf(nonce, challenge, port) } : {};
      return { body: { ok: true, status: "live", ...proof } };
    },
  };
}
