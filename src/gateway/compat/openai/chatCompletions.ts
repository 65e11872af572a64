import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { defined } from "../../../base/defined.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { contentShape, readContent } from "./content.ts";
import { type Conversation, refuseAfterUser, toRequest } from "./conversation.ts";
import { toOpenaiError } from "./openaiError.ts";
import { createOpenaiEndpoint, isKept, type OpenaiAsked } from "./openaiEndpoint.ts";
import { streamOpenai, type TellEvent } from "./openaiEvents.ts";
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
  const chat = { path: "/v1/chat/completions", name: "openai.chat", shape: chatRequestShape };
  return createOpenaiEndpoint<ChatRequest>({ ...chat, toConversation, answer, stream }, context);
}

type Asked = OpenaiAsked<ChatRequest>;

async function take(
  { context, exchange, request: { model, user, store }, conversation }: Asked,
  onText?: (text: string) => Promise<void>,
): Promise<Turn> {
  const request = await toRequest(context.core, conversation, { model, user: user ?? undefined }, exchange.origin);
  return takeTurn(context.core, request, exchange, { isKept: isKept(context, store), ...defined({ onText }) });
}

async function answer(asked: Asked): Promise<Completion> {
  const turn = await take(asked);
  return toCompletion(`chatcmpl-${turn.runId}`, asked.request, turn, asked.context.core.clock.now());
}

function stream(asked: Asked): AsyncIterable<string[]> {
  const { context, exchange, request } = asked;
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
      const turn = await take(asked, onText);
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
  refuseAfterUser(messages.slice(last + 1).find((item) => !isInstruction(item))?.role, "messages");
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
