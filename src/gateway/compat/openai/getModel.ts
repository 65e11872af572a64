import { AppError } from "../../../base/appError.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { nameBelow } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { sessionOf } from "./conversation/conversation.ts";
import { toModel } from "./listModels.ts";
import { toOpenaiError } from "./openaiError.ts";

/** GET /v1/models/ID: the agent, or any of its sessions, as a model. */
export function createGetModel({ core }: CompatContext): Endpoint {
  const path = "/v1/models";
  return {
    path,
    takesName: true,
    name: "openai.model",
    verbs: ["GET"],
    scope: "read",
    toErrorReply: toOpenaiError,
    async handle(exchange) {
      const id = nameBelow(exchange, path);
      const key = sessionOf(id);
      if (key === null) return { body: toModel(id) };
      if (key === undefined)
        throw new AppError(
          "not_found",
          `There is no model ${JSON.stringify(id.slice(0, 100))}: use pincer or pincer/SESSION`,
          {
            details: [{ path: "model", message: "Expected pincer or pincer/SESSION" }],
          },
        );
      return { body: toModel(id, Math.floor(Date.parse((await core.sessions.get(key)).createdAt) / 1000)) };
    },
  };
}
