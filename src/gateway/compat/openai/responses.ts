import type { Endpoint } from "../../http/endpoint.ts";
import { defined } from "../../../base/defined.ts";
import type { Core } from "../../../core/core.ts";
import type { Origin } from "../../../protocol/message.ts";
import type { RunRecord, SendRequest } from "../../../protocol/run.ts";
import type { CompatContext } from "../compatContext.ts";
import { toCallId } from "./conversation/callIdentity.ts";
import { toRequest } from "./conversation/conversation.ts";
import type { Conversation } from "./conversation/items.ts";
import { badItem } from "./conversation/badItem.ts";
import { checkItems, type Item, missing } from "./conversation/items.ts";
import { toOpenaiError } from "./openaiError.ts";
import { createOpenaiEndpoint, isKept, type OpenaiAsked } from "./openaiEndpoint.ts";
import { streamOpenai } from "./openaiEvents.ts";
import { givenTool } from "./requestTools.ts";
import { createResponseSteps } from "./responseSteps.ts";
import { toResponseBody, toRunId } from "./responseBody.ts";
import { responseItems } from "./conversation/responseItems.ts";
import { type ResponsesRequest, responsesRequestShape } from "./responsesRequest.ts";
import { takeTurn, type Turn, type TurnOptions } from "./turn.ts";
import { toWishes, type Wishes } from "./wishes.ts";

/** POST /v1/responses: the same as chat completions in OpenAI's newer shape; an answer's id continues its session. */
export function createResponses(context: CompatContext): Endpoint {
  const responses = { path: "/v1/responses", name: "openai.responses", shape: responsesRequestShape };
  const reads = { toConversation, toWishes: toResponseWishes };
  return createOpenaiEndpoint<ResponsesRequest>({ ...responses, ...reads, answer, stream }, context);
}

type Asked = OpenaiAsked<ResponsesRequest>;

function take<Body>(
  asked: Asked,
  toBody: (turn: Turn) => Body,
  { onText, ...rest }: Pick<TurnOptions, "onRun" | "onText"> = {},
): Promise<Body> {
  const { context, request, wishes } = asked;
  const after = request.previous_response_id ?? undefined;
  const kept = { ...rest, after, isKept: isKept(context, request.store) };
  // A value is told when it is known to be one: what was written first may not have been.
  const heard = wishes.form ? kept : { ...kept, ...defined({ onText }) };
  return takeTurn(asked, (onMade) => toSend(asked, onMade), heard, toBody);
}

async function toSend(
  { context, exchange, request, conversation, wishes }: Asked,
  onMade: (sessionKey: string) => void,
): Promise<SendRequest> {
  const { core } = context;
  const { model, user, store, previous_response_id: previous } = request;
  const before = previous ? await core.runs.get(toRunId(previous)) : undefined;
  const target = { model, user: user ?? undefined, after: before, isKept: isKept(context, store), onMade };
  const sent = await toRequest(core, conversation, target, exchange.origin);
  if (before && !sent.answers) await refuseUnanswered(core, before);
  return { ...sent, ...wishes };
}

/** `bad_request` where the answer before waits for results, and none come. */
async function refuseUnanswered(core: Core, { id, sessionKey, outcome }: RunRecord): Promise<void> {
  const calls = outcome?.type === "done" ? (outcome.calls ?? []) : [];
  if (calls.length === 0) return;
  const [newest] = await core.runs.list({ sessionKey, limit: 1 });
  if (newest?.id !== id) return;
  throw missing(
    calls.map((_, at) => toCallId(id, at)),
    "input",
  );
}

function answer(asked: Asked): Promise<object> {
  const { context, request } = asked;
  const createdAt = Math.floor(context.core.clock.now() / 1000);
  return take(asked, (turn) => toResponseBody({ request, createdAt }, turn));
}

async function* stream(asked: Asked): AsyncGenerator<string[]> {
  const { context, request } = asked;
  const { clock } = context.core;
  const createdAt = Math.floor(clock.now() / 1000);
  const steps = createResponseSteps({ request, createdAt });
  yield* streamOpenai(
    clock,
    async (tell) => {
      const listen = {
        onRun: ({ id }: { id: string }) => steps.begin(id),
        onText: (text: string) => steps.text(text, tell),
      };
      const body = await take(asked, (turn) => steps.toBody(turn), listen);
      await steps.complete(body, tell);
    },
    (error, tell) => steps.fail(toOpenaiError(error).error, tell),
  );
}

async function toConversation(
  { input, instructions, previous_response_id: previous }: ResponsesRequest,
  known: { core: Core; origin: Origin },
): Promise<Conversation> {
  const path = "input";
  const own: Item[] = instructions ? [{ kind: "instruction", text: instructions }] : [];
  const items = [...own, ...(await responseItems(input, known))];
  if (!items.some(({ kind }) => kind === "said" || kind === "result"))
    throw badItem(path, "Missing user message in `input`: expected a text, or items with a user message.");
  checkItems(items, path, typeof previous === "string");
  return { path, items };
}

function toResponseWishes(request: ResponsesRequest): Wishes {
  const { text, tools, tool_choice, parallel_tool_calls, metadata, max_output_tokens, temperature, top_p } = request;
  return toWishes({
    format: text?.format,
    formatPath: "text.format",
    tools: (tools ?? []).map(givenTool),
    tool_choice,
    parallel_tool_calls,
    metadata,
    sampling: { maxOutputTokens: max_output_tokens, temperature, topP: top_p },
  });
}
