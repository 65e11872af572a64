import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import { writeJson } from "../../http/respond.ts";
import { readJsonBody } from "../../http/body.ts";
import { parseInput } from "../../../base/parseInput.ts";
import { STATUS_OF } from "../../calls/errorStatus.ts";
import { type CompatContext, once } from "../compatContext.ts";
import { contentShape, readContent } from "./content.ts";
import { type Conversation, toRequest } from "./conversation.ts";
import { createEventStream, toStreamError } from "./openaiEvents.ts";
import { toOpenaiError } from "./openaiError.ts";
import { refuseUnsupported } from "./refuseUnsupported.ts";
import { takeTurn, type Turn } from "./turn.ts";

const requestShape = z.looseObject({
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
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

type ChatRequest = z.output<typeof requestShape>;

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
    toErrorAnswer: toOpenaiError,
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange.request)) ?? {});
      refuseUnsupported(body);
      const request = parseInput(requestShape, body);
      const conversation = toConversation(request);
      if (request.stream) return stream(context, exchange, request, conversation);
      const answer = await once(context, exchange, body, async () => {
        const turn = await take(context, exchange, request, conversation);
        return { status: 200, body: toCompletion(`chatcmpl-${turn.runId}`, request, turn, context.core.clock.now()) };
      });
      writeJson(exchange.response, { ...answer, requestId: exchange.requestId });
    },
  };
}

async function take(
  { core }: CompatContext,
  exchange: Exchange,
  { model, user }: ChatRequest,
  conversation: Conversation,
  onText?: (text: string) => void,
): Promise<Turn> {
  const request = await toRequest(core, conversation, { model, user: user ?? undefined }, exchange.origin);
  return takeTurn(core, request, exchange, onText ? { onText } : {});
}

async function stream(
  context: CompatContext,
  exchange: Exchange,
  request: ChatRequest,
  conversation: Conversation,
): Promise<void> {
  const { response, requestId } = exchange;
  const { clock } = context.core;
  const id = `chatcmpl-${randomUUID()}`;
  const created = Math.floor(clock.now() / 1000);
  const includeUsage = request.stream_options?.include_usage === true;
  const events = createEventStream(response, { clock, requestId });
  let told = false;
  const chunk = (choices: object[], usage?: unknown) =>
    events.send({
      id,
      object: "chat.completion.chunk",
      created,
      model: request.model,
      choices,
      ...(includeUsage ? { usage: usage ?? null } : {}),
    });
  const piece = (delta: object, finish_reason: string | null = null) =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason }]);
  const onText = (content: string) => {
    if (!told) piece({ role: "assistant", content: "" });
    told = true;
    piece({ content });
  };
  try {
    const answer = await once(context, exchange, exchange.input, async () => {
      const turn = await take(context, exchange, request, conversation, onText);
      return { status: 200, body: toCompletion(id, request, turn, clock.now()) };
    });
    const { choices, usage } = answer.body as Completion;
    // An answer that was kept, or that has no words.
    if (!told) onText(choices[0].message.content);
    piece({}, choices[0].finish_reason);
    if (includeUsage) chunk([], usage);
    events.end();
  } catch (error) {
    const body = toStreamError(error, response);
    events.send(toOpenaiError(body, STATUS_OF[body.code]));
    events.end();
  } finally {
    events.dispose();
  }
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
      .map(({ role, content }) => ({ role, text: readContent(content).text }))
      .filter(({ text }) => text !== ""),
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
