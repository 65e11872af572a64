import { defined } from "../../base/defined.ts";
import type OpenAI from "openai";
import type { ModelRequest } from "../../core/ports/provider.ts";
import { type IdRule, NINE_LETTERS, toCallId } from "../shared/callIds.ts";
import { type AssistantTurn, type Exchange, inputOf, nativeOf, notShown, type UserPart } from "../shared/exchanges.ts";
import { closedSchema, isAnyObject } from "../shared/closedSchema.ts";
import { IMAGE_LIMITS, isImage } from "../shared/imageLimits.ts";
import { heldTools, type HeldTurns, makeTurns, type TurnForm } from "../shared/heldTurns.ts";
import { wellFormedRequest } from "../shared/wellFormed.ts";
import { NO_SIGNATURE } from "../google/googleRequest.ts";
import { toDataUrl } from "../openai/openaiRequest.ts";
import type { ChatDialect } from "./chatDialect.ts";
import type { ChatNative } from "./chatStream.ts";

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming;
type ChatMessage = OpenAI.Chat.ChatCompletionMessageParam;
type Part = OpenAI.Chat.ChatCompletionContentPart;

/** Who is asked, and what it wants otherwise. */
export interface ChatServer {
  provider: string;
  baseUrl: string;
  dialect: ChatDialect;
}

const NO_ANSWER = "(Nothing was said here.)";
const NO_REASONING = "(not recorded)";

/** A request in the words of the chat completions API, as its many imitations take it. */
export function toChatRequest(given: ModelRequest, server: ChatServer, held?: HeldTurns): Params {
  const request = wellFormedRequest(given);
  const { dialect } = server;
  const form: TurnForm<ChatMessage> = {
    limits: IMAGE_LIMITS.chat,
    variant: JSON.stringify([request.model, dialect]),
    toTurns: (exchanges, next) =>
      exchanges.flatMap((exchange, at) => toMessages(exchange, exchanges[at + 1] ?? next, request, server)),
  };
  // Else the first of them has the system prompt in it.
  const isHeld = held && dialect.system === "system";
  const messages = isHeld ? held.make(request.messages, form) : makeTurns(request.messages, form);
  return {
    model: request.model,
    stream: true,
    ...(dialect.streamOptions ? { stream_options: { include_usage: true } } : {}),
    messages: withSystem(messages, request.system, dialect),
    ...toToolsOrFormat(request),
    ...(dialect.effort ? defined({ reasoning_effort: request.effort }) : {}),
    ...defined({ temperature: request.temperature, top_p: request.topP, seed: request.seed }),
    // More than four are refused by some; all of them are seen to here as well.
    ...defined({ stop: request.stop?.slice(0, 4) }),
    ...defined({ [dialect.maxTokens]: request.maxOutputTokens || undefined }),
  };
}

/** Many servers hold every answer to a schema, so that no tool could be called: they are given one or the other. */
function toToolsOrFormat({ tools, output }: ModelRequest): Pick<Params, "tools" | "response_format"> {
  if (!output || (tools.length > 0 && !output.alone)) return tools.length > 0 ? { tools: toTools(tools) } : {};
  const { name, schema } = output;
  if (isAnyObject(schema)) return { response_format: { type: "json_object" } };
  const closed = closedSchema(schema);
  const json_schema = { name, schema: closed?.schema ?? schema, ...(closed?.allRequired ? { strict: true } : {}) };
  return { response_format: { type: "json_schema", json_schema } };
}

function withSystem(messages: ChatMessage[], system: string, dialect: ChatDialect): ChatMessage[] {
  if (!system) return messages;
  if (dialect.system === "system") return [{ role: "system", content: system }, ...messages];
  const [first, ...rest] = messages;
  if (first?.role !== "user") return [{ role: "user", content: system }, ...messages];
  const content =
    typeof first.content === "string"
      ? `${system}\n\n${first.content}`
      : [{ type: "text" as const, text: system }, ...first.content];
  return [{ role: "user", content }, ...rest];
}

const toTools = heldTools((tool): OpenAI.Chat.ChatCompletionTool => ({
  type: "function",
  function: { name: tool.name, description: tool.description, parameters: { type: "object", ...tool.inputSchema } },
}));

// Small servers know plain strings better than lists of parts.
function toContent(parts: UserPart[], dialect: ChatDialect): string | Part[] {
  const texts = parts.map((part) => (part.type === "text" ? part.text : notShown(part.attachment)));
  if (dialect.plainContent || parts.every((part) => part.type === "text")) return texts.join("\n\n");
  return parts.map((part): Part => {
    if (part.type === "text") return { type: "text", text: part.text };
    if (!isImage(part.attachment)) return { type: "text", text: notShown(part.attachment) };
    return { type: "image_url", image_url: { url: toDataUrl(part.attachment) } };
  });
}

function toMessages(
  exchange: Exchange,
  next: Exchange | undefined,
  request: ModelRequest,
  server: ChatServer,
): ChatMessage[] {
  const { dialect } = server;
  if (exchange.role === "user") return [{ role: "user", content: toContent(exchange.parts, dialect) }];
  const { results } = exchange;
  const rule = idRuleOf(exchange, request.model, server);
  const outputs = results.map((result): ChatMessage => ({
    role: "tool",
    tool_call_id: toCallId(result.callId, rule),
    content: result.isError ? `Error: ${result.text}` : result.text,
  }));
  // Tool messages are text only there, so images come as the user's.
  const images = results.flatMap((result) => (result.images ?? []).filter(isImage));
  const shown: ChatMessage[] =
    images.length > 0
      ? [
          {
            role: "user",
            content: toContent(
              images.map((attachment) => ({ type: "attachment", attachment })),
              dialect,
            ),
          },
        ]
      : [];
  // Strict servers want an answer before a user speaks again: there is none where a run ended early, or a note stands.
  const unanswered = results.length > 0 && next?.role === "user" && shown.length === 0;
  const between: ChatMessage[] =
    unanswered || (dialect.strictOrder && shown.length > 0) ? [{ role: "assistant", content: NO_ANSWER }] : [];
  return [toAnswer(exchange, request.model, server, rule), ...outputs, ...between, ...shown];
}

function toAnswer({ message }: AssistantTurn, model: string, server: ChatServer, rule: IdRule): ChatMessage {
  const { reasoning, signed } = server.dialect;
  const own = nativeOf<ChatNative>(message, server.provider, model);
  const extras = signed === "none" ? [] : extrasOf(signed === "own" ? own : undefined, model);
  const calls = message.toolCalls.map((call, at) => ({
    id: toCallId(call.id, rule),
    type: "function" as const,
    function: { name: call.name, arguments: JSON.stringify(inputOf(call)) },
    ...(extras[at] ? { extra_content: extras[at] } : {}),
  }));
  const words = own?.reasoning_content;
  const sent = reasoning === "all" ? words || message.thinking || NO_REASONING : words;
  return {
    role: "assistant",
    content: message.text || null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(sent && reasoning !== "none" ? { reasoning_content: sent } : {}),
    ...(signed === "own" ? defined({ reasoning_details: own?.reasoning_details }) : {}),
  };
}

// Gemini refuses a first call without a signature from its third version on, where this documented one does not stand in its place.
const GEMINI = /gemini-(?![12]\b)/;
const STAND_IN = { google: { thought_signature: NO_SIGNATURE } };

function extrasOf(own: ChatNative | undefined, model: string): (object | null)[] {
  if (own?.extra_content) return own.extra_content;
  return GEMINI.test(model) && !own?.reasoning_details ? [STAND_IN] : [];
}

const MISTRAL = /mistral|mixtral|codestral|devstral|magistral|ministral|pixtral/i;
const ANY: IdRule = { pattern: /^[^]+$/, make: (id) => id };

/** A model's own ids stay as they are, for some look into them; those of others fit everywhere. */
function idRuleOf({ message }: AssistantTurn, model: string, { provider, baseUrl, dialect }: ChatServer): IdRule {
  const own = message.model === `${provider}/${model}`;
  const strict = dialect.nineLetters || MISTRAL.test(model) || MISTRAL.test(baseUrl);
  return own && !strict ? ANY : NINE_LETTERS;
}
