import { defined } from "../../base/defined.ts";
import type OpenAI from "openai";
import type { ModelRequest, OutputShape } from "../../core/ports/provider.ts";
import type { Attachment, ToolMessage } from "../../protocol/message.ts";
import { type AssistantTurn, type Exchange, inputOf, nativeOf, notShown, type UserPart } from "../shared/exchanges.ts";
import { OPENAI_IDS, toCallId } from "../shared/callIds.ts";
import { closedSchema, isAnyObject } from "../shared/closedSchema.ts";
import { IMAGE_LIMITS, isImage } from "../shared/imageLimits.ts";
import { heldTools, type HeldTurns, makeTurns, type TurnForm } from "../shared/heldTurns.ts";
import { wellFormed, wellFormedRequest } from "../shared/wellFormed.ts";

type Params = OpenAI.Responses.ResponseCreateParamsStreaming;
type Item = OpenAI.Responses.ResponseInputItem;
type Content = OpenAI.Responses.ResponseInputContent;

/** What OpenAI gives an organisation only once it is verified. */
export type HeldBack = "summary" | "stream";

/** What a refusal in these words holds back, as OpenAI says it, or a server that does not know it. */
export function heldBackBy(words: string): HeldBack | undefined {
  if (/reasoning\.summary|generate reasoning summaries/i.test(words)) return "summary";
  return /verified to stream/i.test(words) ? "stream" : undefined;
}

/** A request in the words of the Responses API. Nothing is stored there, so reasoning travels encrypted. */
export function toOpenaiRequest(
  given: ModelRequest,
  provider: string,
  held?: HeldTurns,
  without: ReadonlySet<HeldBack> = new Set(),
): Params {
  const request = wellFormedRequest(given);
  const form: TurnForm<Item> = {
    limits: IMAGE_LIMITS.openai,
    variant: request.model,
    toTurns: (exchanges) => exchanges.flatMap((exchange) => toInput(exchange, request.model, provider)),
  };
  const thinks = /^(gpt-[5-9]|o\d)/.test(request.model);
  return {
    model: request.model,
    stream: true,
    store: false,
    input: held ? held.make(request.messages, form) : makeTurns(request.messages, form),
    ...defined({ instructions: request.system || undefined }),
    ...(request.tools.length > 0 ? { tools: toTools(request.tools) } : {}),
    ...(thinks
      ? {
          reasoning: { ...(without.has("summary") ? {} : { summary: "auto" }), ...defined({ effort: request.effort }) },
          include: ["reasoning.encrypted_content"],
        }
      : {}),
    ...(request.output ? toTextFormat(request.output) : {}),
    // Fewer than 16 are refused.
    ...(request.maxOutputTokens ? { max_output_tokens: Math.max(16, request.maxOutputTokens) } : {}),
    ...(thinks ? {} : defined({ temperature: request.temperature, top_p: request.topP })),
    // At most 64 characters are taken.
    ...(request.cacheKey ? { prompt_cache_key: wellFormed(request.cacheKey.slice(0, 64)) } : {}),
  };
}

/** A schema that strict mode cannot take is told without it; one that is no object at its top is told in words alone. */
function toTextFormat({ name, schema }: OutputShape): Pick<Params, "text"> {
  if (isAnyObject(schema)) return { text: { format: { type: "json_object" } } };
  const closed = closedSchema(schema);
  if (closed?.allRequired)
    return { text: { format: { type: "json_schema", name, schema: closed.schema, strict: true } } };
  return schema.type === "object" ? { text: { format: { type: "json_schema", name, schema, strict: false } } } : {};
}

const toTools = heldTools((tool): OpenAI.Responses.FunctionTool => ({
  type: "function",
  name: tool.name,
  description: tool.description,
  parameters: { type: "object", ...tool.inputSchema },
  strict: false,
}));

function toInput(exchange: Exchange, model: string, provider: string): Item[] {
  return exchange.role === "user"
    ? [{ type: "message", role: "user", content: exchange.parts.map(toContent) }]
    : toItems(exchange, model, provider);
}

function toItems({ message, results }: AssistantTurn, model: string, provider: string): Item[] {
  const native = nativeOf<Item[]>(message, provider, model);
  const calls = native?.flatMap((item) => (item.type === "function_call" ? [`${item.call_id} ${item.name}`] : []));
  const outputs = results.map(toOutput);
  if (native && calls!.join() === message.toolCalls.map((call) => `${call.id} ${call.name}`).join())
    return [...native.map(withFitId), ...outputs];
  const items: Item[] = message.text.trim() ? [{ type: "message", role: "assistant", content: message.text }] : [];
  for (const call of message.toolCalls)
    items.push({
      type: "function_call",
      call_id: toCallId(call.id, OPENAI_IDS),
      name: call.name,
      arguments: JSON.stringify(inputOf(call)),
    });
  return [...items, ...outputs];
}

function withFitId(item: Item): Item {
  return item.type === "function_call" ? { ...item, call_id: toCallId(item.call_id, OPENAI_IDS) } : item;
}

function toOutput(result: ToolMessage): Item {
  const images = (result.images ?? []).filter(isImage);
  const text = result.isError ? `Error: ${result.text}` : result.text;
  return {
    type: "function_call_output",
    call_id: toCallId(result.callId, OPENAI_IDS),
    output: images.length > 0 ? [{ type: "input_text", text }, ...images.map(toImage)] : text,
  };
}

function toContent(part: UserPart): Content {
  if (part.type === "text") return { type: "input_text", text: part.text };
  const { attachment } = part;
  if (isImage(attachment)) return toImage(attachment);
  if (attachment.mediaType === "application/pdf")
    return { type: "input_file", filename: attachment.name, file_data: toDataUrl(attachment) };
  return { type: "input_text", text: notShown(attachment) };
}

function toImage(image: Attachment): { type: "input_image"; detail: "auto"; image_url: string } {
  return { type: "input_image", detail: "auto", image_url: toDataUrl(image) };
}

export function toDataUrl(attachment: Attachment): string {
  return `data:${attachment.mediaType};base64,${attachment.data}`;
}
