import type * as z from "zod";
import { parseInput } from "../../../base/input/parseInput.ts";
import { readJsonBody } from "../../http/body.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import type { Core } from "../../../core/core.ts";
import type { Origin } from "../../../protocol/message.ts";
import type { Conversation } from "./conversation/items.ts";
import { toOpenaiError } from "./openaiError.ts";
import type { Wishes } from "./wishes.ts";
import { ignoredHeader, refuseUnsupported } from "./refuseUnsupported.ts";

/** A request that was read and may be answered. */
export interface OpenaiAsked<Request> {
  context: CompatContext;
  exchange: Exchange;
  request: Request;
  conversation: Conversation;
  wishes: Wishes;
}

/** What one of OpenAI's endpoints takes, and how it answers, once for an Idempotency-Key: as a whole, or in a stream. */
export interface OpenaiEndpoint<Request> {
  path: string;
  name: string;
  /** It names all that has an effect. */
  shape: z.ZodType<Request> & Pick<z.ZodObject, "shape">;
  toConversation(request: Request, known: { core: Core; origin: Origin }): Promise<Conversation> | Conversation;
  toWishes(request: Request): Wishes;
  answer(asked: OpenaiAsked<Request>): Promise<object>;
  stream(asked: OpenaiAsked<Request>): AsyncIterable<string[]>;
}

/** Reads a request in OpenAI's shape, refuses what is not understood, and answers it. */
export function createOpenaiEndpoint<Request extends { stream?: boolean | null | undefined }>(
  { path, name, shape, toConversation, toWishes, answer, stream }: OpenaiEndpoint<Request>,
  context: CompatContext,
): Endpoint {
  return {
    path,
    name,
    verbs: ["POST"],
    scope: "write",
    toErrorReply: toOpenaiError,
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange)) ?? {});
      refuseUnsupported(body);
      Object.assign(exchange.replyHeaders, ignoredHeader(body, Object.keys(shape.shape)));
      const request = parseInput(shape, body);
      const known = { core: context.core, origin: exchange.origin };
      const wishes = toWishes(request);
      const asked = { context, exchange, request, wishes, conversation: await toConversation(request, known) };
      if (request.stream) return { events: stream(asked), endsItself: true };
      return { body: await answer(asked) };
    },
  };
}

/** Whether the session of a request outlives its answer. */
export function isKept({ core }: CompatContext, store: boolean | null | undefined): boolean {
  return store !== false && core.settings().retention?.openaiDays !== 0;
}
