import { randomUUID } from "node:crypto";
import { AppError } from "../../../base/appError.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import { readJsonBody } from "../../http/body.ts";
import { parseInput } from "../../../base/input/parseInput.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { readContent } from "./content.ts";
import { type Conversation, toRequest } from "./conversation.ts";
import { toOpenaiError } from "./openaiError.ts";
import { streamOpenai } from "./openaiEvents.ts";
import { ignoredHeader, refuseUnsupported } from "./refuseUnsupported.ts";
import { createResponseSteps } from "./responseSteps.ts";
import { toResponseBody, toRunId } from "./responseBody.ts";
import { type ResponsesRequest, responsesRequestShape } from "./responsesRequest.ts";
import { takeTurn, type Turn, type TurnOptions } from "./turn.ts";

/** POST /v1/responses: the same as chat completions in OpenAI's newer shape; an answer's id continues its session. */
export function createResponses(context: CompatContext): Endpoint {
  return {
    path: "/v1/responses",
    name: "openai.responses",
    verbs: ["POST"],
    scope: "write",
    toErrorReply: toOpenaiError,
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange.request)) ?? {});
      refuseUnsupported(body);
      Object.assign(exchange.replyHeaders, ignoredHeader(body));
      const request = parseInput(responsesRequestShape, body);
      const conversation = toConversation(request);
      if (request.stream) return { events: stream(context, exchange, request, conversation) };
      const response = await once(context, exchange, body, async () => {
        const createdAt = Math.floor(context.core.clock.now() / 1000);
        const turn = await take(context, exchange, request, conversation);
        return toResponseBody({ request, createdAt, itemId: `msg_${randomUUID()}` }, turn);
      });
      return { body: response };
    },
  };
}

async function take(
  { core, openaiSessionDays }: CompatContext,
  exchange: Exchange,
  { model, user, store, previous_response_id: previous }: ResponsesRequest,
  conversation: Conversation,
  listen: Pick<TurnOptions, "onRun" | "onText"> = {},
): Promise<Turn> {
  const sessionKey = previous ? (await core.runs.get(toRunId(previous))).sessionKey : undefined;
  const target = { model, user: user ?? undefined, sessionKey };
  const isKept = store !== false && openaiSessionDays() > 0;
  const request = await toRequest(core, conversation, target, exchange.origin);
  return takeTurn(core, request, exchange, { ...listen, isKept });
}

async function* stream(
  context: CompatContext,
  exchange: Exchange,
  request: ResponsesRequest,
  conversation: Conversation,
): AsyncGenerator<string[]> {
  const createdAt = Math.floor(context.core.clock.now() / 1000);
  const steps = createResponseSteps({ request, createdAt, itemId: `msg_${randomUUID()}` });
  yield* streamOpenai(
    async (tell) => {
      const listen = {
        onRun: ({ id }: { id: string }) => steps.begin(id),
        onText: (text: string) => steps.text(text, tell),
      };
      const body = await once(context, exchange, exchange.input, async () =>
        steps.toBody(await take(context, exchange, request, conversation, listen)),
      );
      await steps.complete(body, tell);
    },
    (error, tell) => steps.fail(toOpenaiError(error).error, tell),
  );
}

function toConversation({ input, instructions }: ResponsesRequest): Conversation {
  const items = typeof input === "string" ? [{ role: "user" as const, content: input }] : (input ?? []);
  const last = items.findLastIndex(({ role }) => role === "user");
  const message = readContent(items[last]?.content);
  if (last < 0 || (message.text.trim() === "" && message.images.length === 0)) {
    throw new AppError("bad_request", "Missing user message in `input`.", {
      details: [{ path: "input", message: "Expected a text, or items with a user message" }],
    });
  }
  const isInstruction = ({ role }: { role?: string | undefined }) => role === "system" || role === "developer";
  return {
    instructions: [
      ...(instructions ? [instructions] : []),
      ...items.filter(isInstruction).map(({ content }) => readContent(content).text),
    ],
    earlier: items
      .slice(0, last)
      .filter((item) => item.role !== undefined && !isInstruction(item))
      .map(({ role, content }) => ({ role: role!, content: readContent(content) }))
      .filter(({ content }) => content.text !== "" || content.images.length > 0),
    message,
  };
}
