import { randomUUID } from "node:crypto";
import { AppError } from "../../../base/appError.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { readContent } from "./content.ts";
import { type Conversation, refuseAfterUser, toRequest } from "./conversation.ts";
import { toOpenaiError } from "./openaiError.ts";
import { createOpenaiEndpoint, isKept, type OpenaiAsked } from "./openaiEndpoint.ts";
import { streamOpenai } from "./openaiEvents.ts";
import { createResponseSteps } from "./responseSteps.ts";
import { toResponseBody, toRunId } from "./responseBody.ts";
import { type ResponsesRequest, responsesRequestShape } from "./responsesRequest.ts";
import { takeTurn, type Turn, type TurnOptions } from "./turn.ts";

/** POST /v1/responses: the same as chat completions in OpenAI's newer shape; an answer's id continues its session. */
export function createResponses(context: CompatContext): Endpoint {
  const responses = { path: "/v1/responses", name: "openai.responses", shape: responsesRequestShape };
  return createOpenaiEndpoint<ResponsesRequest>({ ...responses, toConversation, answer, stream }, context);
}

type Asked = OpenaiAsked<ResponsesRequest>;

async function take(
  { context, exchange, request: { model, user, store, previous_response_id: previous }, conversation }: Asked,
  listen: Pick<TurnOptions, "onRun" | "onText"> = {},
): Promise<Turn> {
  const { core } = context;
  const sessionKey = previous ? (await core.runs.get(toRunId(previous))).sessionKey : undefined;
  const target = { model, user: user ?? undefined, sessionKey };
  const request = await toRequest(core, conversation, target, exchange.origin);
  return takeTurn(core, request, exchange, { ...listen, isKept: isKept(context, store) });
}

async function answer(asked: Asked): Promise<object> {
  const { context, request } = asked;
  const createdAt = Math.floor(context.core.clock.now() / 1000);
  const turn = await take(asked);
  return toResponseBody({ request, createdAt, itemId: `msg_${randomUUID()}` }, turn);
}

async function* stream(asked: Asked): AsyncGenerator<string[]> {
  const { context, exchange, request } = asked;
  const createdAt = Math.floor(context.core.clock.now() / 1000);
  const steps = createResponseSteps({ request, createdAt, itemId: `msg_${randomUUID()}` });
  yield* streamOpenai(
    async (tell) => {
      const listen = {
        onRun: ({ id }: { id: string }) => steps.begin(id),
        onText: (text: string) => steps.text(text, tell),
      };
      const body = await once(context, exchange, exchange.input, async () => steps.toBody(await take(asked, listen)));
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
  const after = items.slice(last + 1).find((item) => !isInstruction(item));
  refuseAfterUser(after && (after.role ?? ("type" in after ? String(after.type) : "an item")), "input");
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
