import { defined } from "../../base/defined.ts";
import type Anthropic from "@anthropic-ai/sdk";
import type { Attachment, Message, ToolMessage } from "../../protocol/message.ts";
import type { ModelRequest } from "../../core/ports/provider.ts";
import {
  type AssistantTurn,
  type Exchange,
  inputOf,
  isEmpty,
  nativeOf,
  notShown,
  type UserPart,
} from "../shared/exchanges.ts";
import { ANTHROPIC_IDS, toCallId } from "../shared/callIds.ts";
import { closedSchema } from "../shared/closedSchema.ts";
import { IMAGE_LIMITS, isImage } from "../shared/imageLimits.ts";
import { heldTools, type HeldTurns, makeTurns, type TurnForm } from "../shared/heldTurns.ts";
import { wellFormedRequest } from "../shared/wellFormed.ts";

type Params = Anthropic.Beta.MessageCreateParamsStreaming;
type Block = Anthropic.Beta.BetaContentBlockParam;
type Turn = Anthropic.Beta.BetaMessageParam;

/** Lets a request drop signed thinking whose history has changed (by a compaction, say) where it would be refused. */
const BINDING_BETA = "thinking-binding-controls-2026-08-01";
const DEFAULT_MAX_TOKENS = 32_000;
const THINKING_BUDGETS = { low: 2_000, medium: 8_000, high: 16_000 };
const CACHE: Anthropic.Beta.BetaCacheControlEphemeral = { type: "ephemeral" };

/** A request in the words of the Messages API, with cache marks on the stable prefix and the two newest user turns. */
export function toAnthropicRequest(given: ModelRequest, provider: string, held?: HeldTurns): Params {
  const request = wellFormedRequest(given);
  const form: TurnForm<Turn> = {
    limits: IMAGE_LIMITS.anthropic,
    variant: provider,
    toTurns: (exchanges) => exchanges.reduce<Turn[]>((turns, exchange) => append(turns, exchange, provider), []),
  };
  const messages = held ? held.make(request.messages, form) : makeTurns(request.messages, form);
  markNewest(messages);
  const maxTokens = request.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  return {
    model: request.model,
    max_tokens: maxTokens,
    stream: true,
    messages,
    // Tools come before the system prompt in the cached prefix, so one mark covers both.
    ...(request.system ? { system: [{ type: "text", text: request.system, cache_control: CACHE }] } : {}),
    ...(request.tools.length > 0 ? { tools: toTools(request.tools) } : {}),
    ...toOutputConfig(request),
    ...toSampling(request, thinkingFor(request, provider, maxTokens)),
  };
}

/** The model itself decides how long it thinks. */
function isAdaptive(model: string): boolean {
  return /^claude-(\w+-[5-9]\b|opus-4-[6-9]|sonnet-4-6)/.test(model);
}

function thinkingFor(
  { model, effort, messages }: ModelRequest,
  provider: string,
  maxTokens: number,
): Pick<Params, "thinking" | "betas"> {
  if (/^claude-\w+-[5-9]\b/.test(model)) {
    return {
      thinking: { type: "adaptive", display: "summarized", block_binding: { prefix_mismatch_behavior: "drop_block" } },
      betas: [BINDING_BETA],
    };
  }
  if (isAdaptive(model)) return { thinking: { type: "adaptive", display: "summarized" } };
  const budget_tokens = THINKING_BUDGETS[effort ?? "medium"];
  if (/^claude-\w+-4/.test(model) && maxTokens > budget_tokens && beginsThinking(messages, provider))
    return { thinking: { type: "enabled", budget_tokens } };
  return {};
}

/**
 * Whether what is under way began with a thought of this provider's: else, as where another model made the first calls,
 * those that think within a budget refuse the request unless it asks for no thinking.
 */
function beginsThinking(messages: Message[], provider: string): boolean {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]!;
    if (message.role !== "assistant" || isEmpty(message)) continue;
    if (message.toolCalls.length === 0) return true;
    const before = messages[at - 1];
    // It goes on with what came before.
    if (before?.role === "tool" || (before?.role === "assistant" && before.toolCalls.length > 0)) continue;
    const [first] = toAssistantBlocks({ role: "assistant", message, results: [] }, provider);
    if (first?.type !== "thinking" && first?.type !== "redacted_thinking") return false;
  }
  return true;
}

/** With thinking only the default temperature is taken; a stop of blanks alone never is. */
function toSampling({ stop, temperature, topP }: ModelRequest, thinking: Pick<Params, "thinking" | "betas">) {
  const stops = stop?.filter((word) => word.trim() !== "") ?? [];
  return {
    ...thinking,
    ...(stops.length > 0 ? { stop_sequences: stops } : {}),
    ...(thinking.thinking ? {} : defined({ temperature, top_p: temperature === undefined ? topP : undefined })),
  };
}

/** Closed schemas only, of the models from 4.5 on: what it refuses would fail the request. */
function toOutputConfig({ model, output, effort }: ModelRequest): Pick<Params, "output_config"> {
  const isAble = /^claude-\w+-(?:[5-9]|4-[5-9])\b/.test(model);
  const closed = output && isAble ? closedSchema(output.schema) : undefined;
  const config = {
    ...(closed ? { format: { type: "json_schema" as const, schema: closed.schema } } : {}),
    // Earlier models have a budget of tokens in its place.
    ...(effort && isAdaptive(model) ? { effort } : {}),
  };
  return Object.keys(config).length > 0 ? { output_config: config } : {};
}

const toTools = heldTools((tool): Anthropic.Beta.BetaTool => ({
  name: tool.name,
  description: tool.description,
  input_schema: { type: "object", ...tool.inputSchema } as Anthropic.Beta.BetaTool.InputSchema,
}));

/** Results and the user's next words share one user turn, results first. */
function append(turns: Turn[], exchange: Exchange, provider: string): Turn[] {
  const last = turns.at(-1);
  if (exchange.role === "user") {
    const blocks = exchange.parts.map(toBlock);
    if (last?.role === "user") (last.content as Block[]).push(...blocks);
    else turns.push({ role: "user", content: blocks });
    return turns;
  }
  turns.push({ role: "assistant", content: toAssistantBlocks(exchange, provider) });
  if (exchange.results.length > 0) turns.push({ role: "user", content: exchange.results.map(toResultBlock) });
  return turns;
}

function toAssistantBlocks({ message }: AssistantTurn, provider: string): Block[] {
  const native = nativeOf<Block[]>(message, provider);
  // An answer cut at the output limit loses its calls, and with them the right to be replayed as it was.
  if (native && message.toolCalls.length === 0 && !native.some(({ type }) => type === "tool_use")) return native;
  const calls = native?.flatMap((block) => (block.type === "tool_use" ? [`${block.id} ${block.name}`] : []));
  if (native && calls!.join() === message.toolCalls.map((call) => `${call.id} ${call.name}`).join())
    return native.map((block) =>
      block.type === "tool_use" ? { ...block, id: toCallId(block.id, ANTHROPIC_IDS) } : block,
    );
  const blocks: Block[] = message.text.trim() ? [{ type: "text", text: message.text.trimEnd() }] : [];
  for (const call of message.toolCalls)
    blocks.push({ type: "tool_use", id: toCallId(call.id, ANTHROPIC_IDS), name: call.name, input: inputOf(call) });
  return blocks;
}

function toResultBlock(result: ToolMessage): Block {
  const images = (result.images ?? []).filter(isImage).map(toImage);
  const text = result.text.trim() ? result.text : "(no output)";
  return {
    type: "tool_result",
    tool_use_id: toCallId(result.callId, ANTHROPIC_IDS),
    content: [{ type: "text", text }, ...images],
    ...(result.isError ? { is_error: true } : {}),
  };
}

function toBlock(part: UserPart): Block {
  if (part.type === "text") return { type: "text", text: part.text };
  const { attachment } = part;
  if (isImage(attachment)) return toImage(attachment);
  if (attachment.mediaType === "application/pdf") {
    return {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: attachment.data },
      title: attachment.name,
    };
  }
  return { type: "text", text: notShown(attachment) };
}

function toImage(image: Attachment): Anthropic.Beta.BetaImageBlockParam {
  return { type: "image", source: { type: "base64", media_type: image.mediaType as "image/png", data: image.data } };
}

function markNewest(turns: Turn[]): void {
  const newest = turns.filter((turn) => turn.role === "user").slice(-2);
  for (const turn of newest) {
    const last = (turn.content as Block[]).at(-1);
    if (last && "type" in last)
      (last as { cache_control?: Anthropic.Beta.BetaCacheControlEphemeral }).cache_control = CACHE;
  }
}
