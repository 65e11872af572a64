import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Endpoint } from "../../http/endpoint.ts";
import { defined } from "../../../base/defined.ts";
import type { CompatContext } from "../compatContext.ts";
import { chatItems, chatMessageShape } from "./conversation/chatItems.ts";
import { type Completion, toCallDeltas, toCompletion } from "./completion.ts";
import { toRequest } from "./conversation/conversation.ts";
import type { Conversation } from "./conversation/items.ts";
import { badItem } from "./conversation/badItem.ts";
import { checkItems } from "./conversation/items.ts";
import { toOpenaiError } from "./openaiError.ts";
import { createOpenaiEndpoint, isKept, type OpenaiAsked } from "./openaiEndpoint.ts";
import { streamOpenai, type TellEvent } from "./openaiEvents.ts";
import { chatToolShape, givenTool } from "./requestTools.ts";
import { takeTurn, type Turn } from "./turn.ts";
import { formatShape, tokenCount, toWishes, wishFields, type Wishes } from "./wishes.ts";

export const chatRequestShape = z.looseObject({
  ...wishFields,
  messages: z.array(chatMessageShape).optional(),
  tools: z.array(chatToolShape).nullish(),
  response_format: formatShape.extend({ json_schema: formatShape.omit({ type: true }).nullish() }).nullish(),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish(),
  seed: z.int().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

type ChatRequest = z.output<typeof chatRequestShape>;

/** POST /v1/chat/completions: the agent as a model, for OpenAI's clients. */
export function createChatCompletions(context: CompatContext): Endpoint {
  const chat = { path: "/v1/chat/completions", name: "openai.chat", shape: chatRequestShape };
  const reads = { toConversation, toWishes: toChatWishes };
  return createOpenaiEndpoint<ChatRequest>({ ...chat, ...reads, answer, stream }, context);
}

type Asked = OpenaiAsked<ChatRequest>;

function take<Body>(
  { context, exchange, request: { model, user, store }, conversation, wishes }: Asked,
  toBody: (turn: Turn) => Body,
  onText?: (text: string) => Promise<void>,
): Promise<Body> {
  const kept = { isKept: isKept(context, store) };
  const target = { model, user: user ?? undefined, ...kept };
  const toSend = async () => ({
    ...(await toRequest(context.core, conversation, target, exchange.origin)),
    ...wishes,
  });
  // A value is told when it is known to be one: what was written first may not have been.
  const heard = wishes.form ? kept : { ...kept, ...defined({ onText }) };
  return takeTurn({ context, exchange }, toSend, heard, toBody);
}

function answer(asked: Asked): Promise<Completion> {
  const { clock } = asked.context.core;
  return take(asked, (turn) => toCompletion(`chatcmpl-${turn.runId}`, asked.request, turn, clock.now()));
}

function stream(asked: Asked): AsyncIterable<string[]> {
  const { context, request } = asked;
  const { clock } = context.core;
  const id = `chatcmpl-${randomUUID()}`;
  const created = Math.floor(clock.now() / 1000);
  const includeUsage = request.stream_options?.include_usage === true;
  const toChunk = (choices: object[], usage?: unknown) => ({
    id,
    object: "chat.completion.chunk",
    created,
    model: request.model,
    choices,
    ...(includeUsage ? { usage: usage ?? null } : {}),
  });
  const toPiece = (delta: object, finish_reason: string | null = null) =>
    toChunk([{ index: 0, delta, logprobs: null, finish_reason }]);

  const work = async (tell: TellEvent) => {
    let begun = false;
    const begin = async () => {
      if (!begun) await tell(toPiece({ role: "assistant", content: "" }));
      begun = true;
    };
    let said = false;
    const onText = async (content: string) => {
      await begin();
      said = true;
      await tell(toPiece({ content }));
    };
    const { choices, usage } = await take(asked, (turn) => toCompletion(id, request, turn, clock.now()), onText);
    const { message, finish_reason } = choices[0];
    await begin();
    // A reply that was recorded before, or is a value of a schema, came without pieces.
    if (!said && message.content) await onText(message.content);
    for (const delta of toCallDeltas(message)) await tell(toPiece(delta));
    await tell(toPiece({}, finish_reason));
    if (includeUsage) await tell(toChunk([], usage));
  };
  return streamOpenai(clock, work, (error, tell) => tell(toOpenaiError(error)));
}

function toConversation({ messages = [] }: ChatRequest): Conversation {
  const path = "messages";
  const items = chatItems(messages);
  if (!items.some(({ kind }) => kind === "said" || kind === "result"))
    throw badItem(path, "Missing user message in `messages`.");
  checkItems(items, path, false);
  return { path, items };
}

function toChatWishes(request: ChatRequest): Wishes {
  const { response_format: format, stop, tools, tool_choice, parallel_tool_calls, metadata } = request;
  return toWishes({
    format: format && { ...format, ...format.json_schema, type: format.type },
    formatPath: format?.json_schema ? "response_format.json_schema" : "response_format",
    tools: (tools ?? []).map(givenTool),
    tool_choice,
    parallel_tool_calls,
    metadata,
    sampling: {
      maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
      stop: typeof stop === "string" ? [stop] : stop?.length === 0 ? undefined : stop,
      temperature: request.temperature,
      topP: request.top_p,
      seed: request.seed,
    },
  });
}
