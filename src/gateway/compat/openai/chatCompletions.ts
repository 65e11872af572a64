import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import { readJsonBody } from "../../http/body.ts";
import { defined } from "../../../base/defined.ts";
import { parseInput } from "../../../base/input/parseInput.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { contentShape, readContent } from "./content.ts";
import { type Conversation, toRequest } from "./conversation.ts";
import { toOpenaiError } from "./openaiError.ts";
import { streamOpenai, type TellEvent } from "./openaiEvents.ts";
import { ignoredHeader, refuseUnsupported } from "./refuseUnsupported.ts";
import { takeTurn, type Turn } from "./turn.ts";

export const chatRequestShape = z.looseObject({
  model: z.string().default("pincer"),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
        content: contentShape.nullish(),
      }),
    )
    .optional(),
  user: z.string().max(1000).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

type ChatRequest = z.output<typeof chatRequestShape>;

interface Completion {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: [
    { index: 0; message: { role: "assistant"; content: string; refusal: null }; logprobs: null; finish_reason: string },
  ];
  usage: Record<string, unknown>;
}

/** POST /v1/chat/completions: the agent as a model, for OpenAI's clients. */
export function createChatCompletions(context: CompatContext): Endpoint {
  return {
    path: "/v1/chat/completions",
    name: "openai.chat",
    verbs: ["POST"],
    scope: "write",
    toErrorReply: toOpenaiError,
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange.request)) ?? {});
      refuseUnsupported(body);
      Object.assign(exchange.replyHeaders, ignoredHeader(body));
      const request = parseInput(chatRequestShape, body);
      const conversation = toConversation(request);
      if (request.stream) return { events: stream(context, exchange, request, conversation) };
      const completion = await once(context, exchange, body, async () => {
        const turn = await take(context, exchange, request, conversation);
        return toCompletion(`chatcmpl-${turn.runId}`, request, turn, context.core.clock.now());
      });
      return { body: completion };
    },
  };
}

async function take(
  { core, openaiSessionDays }: CompatContext,
  exchange: Exchange,
  { model, user, store }: ChatRequest,
  conversation: Conversation,
  onText?: (text: string) => Promise<void>,
): Promise<Turn> {
  const request = await toRequest(core, conversation, { model, user: user ?? undefined }, exchange.origin);
  const isKept = store !== false && openaiSessionDays() > 0;
  return takeTurn(core, request, exchange, { isKept, ...defined({ onText }) });
}

function stream(
  context: CompatContext,
  exchange: Exchange,
  request: ChatRequest,
  conversation: Conversation,
): AsyncIterable<string[]> {
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
    const onText = async (content: string) => {
      if (!begun) await tell(toPiece({ role: "assistant", content: "" }));
      begun = true;
      await tell(toPiece({ content }));
    };
    const { choices, usage } = await once(context, exchange, exchange.input, async () => {
      const turn = await take(context, exchange, request, conversation, onText);
      return toCompletion(id, request, turn, clock.now());
    });
    // One that was recorded, or that has no words.
    if (!begun) await onText(choices[0].message.content);
    await tell(toPiece({}, choices[0].finish_reason));
    if (includeUsage) await tell(toChunk([], usage));
  };
  return streamOpenai(work, (error, tell) => tell(toOpenaiError(error)));
}

function toConversation({ messages = [] }: ChatRequest): Conversation {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const message = readContent(messages[last]?.content);
  if (last < 0 || (message.text.trim() === "" && message.images.length === 0)) {
    throw new AppError("bad_request", "Missing user message in `messages`.", {
      details: [{ path: "messages", message: "Expected a user message with some text" }],
    });
  }
  const isInstruction = ({ role }: { role: string }) => role === "system" || role === "developer";
  return {
    instructions: messages.filter(isInstruction).map(({ content }) => readContent(content).text),
    earlier: messages
      .slice(0, last)
      .filter((item) => !isInstruction(item))
      .map(({ role, content }) => ({ role, content: readContent(content) }))
      .filter(({ content }) => content.text !== "" || content.images.length > 0),
    message,
  };
}

function toCompletion(id: string, { model }: ChatRequest, { reply, usage, ended }: Turn, now: number): Completion {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return {
    id,
    object: "chat.completion",
    created: Math.floor(now / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: reply, refusal: null },
        logprobs: null,
        finish_reason: ended === "length" ? "length" : ended === "refused" ? "content_filter" : "stop",
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: usage.outputTokens,
      total_tokens: prompt + usage.outputTokens,
      prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
    },
  };
}
