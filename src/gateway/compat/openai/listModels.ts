import type { Endpoint } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { toOpenaiError } from "./openaiError.ts";

// Each is a name to choose in a client's list; more would hide the first.
const MOST_SESSIONS = 50;

/** GET /v1/models: the agent, and its newest sessions, as models. */
export function createListModels({ core }: CompatContext): Endpoint {
  return {
    path: "/v1/models",
    name: "openai.models",
    verbs: ["GET"],
    scope: "read",
    toErrorReply: toOpenaiError,
    async handle() {
      const { sessions } = await core.sessions.list({ limit: MOST_SESSIONS });
      const created = new Map(sessions.map(({ key, createdAt }) => [key, Math.floor(Date.parse(createdAt) / 1000)]));
      const keys = new Set(["main", ...created.keys()]);
      const data = [toModel("pincer"), ...[...keys].map((key) => toModel(`pincer/${key}`, created.get(key)))];
      return { body: { object: "list", data } };
    },
  };
}

/** `created`: seconds since 1970. */
export function toModel(id: string, created = 0) {
  return { id, object: "model", created, owned_by: "pincer", permission: [] };
}
