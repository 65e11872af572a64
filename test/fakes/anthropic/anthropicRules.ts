import { createHash } from "node:crypto";
import type { RawRequest, Refusal } from "../modelServer.ts";
import { estimateTokens } from "../modelTurn.ts";

export interface Block {
  type: string;
  [field: string]: unknown;
}

export interface Turned {
  role: string;
  content: Block[];
}

/** Models the fake knows, with what the real ones allow. */
export const anthropicModels: Record<
  string,
  { windowTokens: number; maxOutputTokens: number; thinking: "adaptive" | "enabled" }
> = {
  "claude-opus-5-5": { windowTokens: 1_000_000, maxOutputTokens: 128_000, thinking: "adaptive" },
  "claude-sonnet-5-5": { windowTokens: 1_000_000, maxOutputTokens: 128_000, thinking: "adaptive" },
  "claude-haiku-5-5": { windowTokens: 1_000_000, maxOutputTokens: 128_000, thinking: "adaptive" },
  "claude-haiku-4-5": { windowTokens: 200_000, maxOutputTokens: 64_000, thinking: "enabled" },
};

const FIELDS = new Set(
  "model messages max_tokens system tools tool_choice thinking output_config stream metadata stop_sequences temperature top_p top_k service_tier cache_control betas".split(
    " ",
  ),
);

/** Answers that ended with pause_turn: the only ones that may end a request. */
export const paused = new Set<string>();

export function blocksOf(content: unknown): Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : ((content ?? []) as Block[]);
}

export function turnsOf(body: Record<string, unknown>): Turned[] {
  const messages = (Array.isArray(body.messages) ? body.messages : []) as { role: string; content: unknown }[];
  return messages.map((message) => ({ role: message.role, content: blocksOf(message.content) }));
}

/** What the real API would answer in place of a message: the first rule that a request breaks, in its own words. */
export function refuseAnthropic(request: RawRequest): Refusal | undefined {
  const { headers, body } = request;
  const key = headers["x-api-key"] ?? headers.authorization?.replace(/^Bearer /, "");
  if (!key) return { status: 401, message: "x-api-key header is required" };
  if (key.includes("wrong")) return { status: 401, message: "invalid x-api-key" };
  if (!headers["anthropic-version"]) return bad("anthropic-version: header is required");
  if (request.method !== "POST") return undefined;
  for (const field of Object.keys(body)) if (!FIELDS.has(field)) return bad(`${field}: Extra inputs are not permitted`);
  if (typeof body.model !== "string") return bad("model: Field required");
  const model = anthropicModels[body.model];
  if (!model) return { status: 404, message: `model: ${body.model}` };
  if (request.path.includes("count_tokens")) return undefined;
  if (typeof body.max_tokens !== "number") return bad("max_tokens: Field required");
  if (body.max_tokens > model.maxOutputTokens) {
    return bad(
      `max_tokens: ${body.max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${body.model}`,
    );
  }
  const problem =
    problemWithSettings(body, model.thinking) ?? problemWithTools(body) ?? problemWithTurns(turnsOf(body), body);
  if (problem) return bad(problem);
  const size = estimateTokens({ system: body.system, messages: body.messages, tools: body.tools });
  if (size > model.windowTokens) return bad(`prompt is too long: ${size} tokens > ${model.windowTokens} maximum`);
  return undefined;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}

function problemWithSettings(body: Record<string, unknown>, style: "adaptive" | "enabled"): string | undefined {
  const thinking = body.thinking as { type?: string; budget_tokens?: number; block_binding?: unknown } | undefined;
  if (style === "adaptive") {
    for (const name of ["temperature", "top_p", "top_k"]) {
      if (name in body) return `\`${name}\` is not supported for this model.`;
    }
    if (thinking?.type === "enabled") {
      return '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
    }
    if (thinking?.type === "disabled") return '"thinking.type.disabled" is not supported for this model.';
  } else {
    if (thinking?.type === "adaptive") return "adaptive thinking is not supported on this model";
    if (thinking?.type === "enabled" && !(Number(thinking.budget_tokens) >= 1024)) {
      return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
    }
    if (thinking?.type === "enabled" && Number(thinking.budget_tokens) >= Number(body.max_tokens)) {
      return "`max_tokens` must be greater than `thinking.budget_tokens`.";
    }
  }
  const breakpoints = JSON.stringify(body).split('"cache_control":{').length - 1;
  if (breakpoints > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${breakpoints}.`;
  return undefined;
}

function problemWithTools(body: Record<string, unknown>): string | undefined {
  const names = new Set<string>();
  for (const [at, tool] of ((body.tools ?? []) as Record<string, unknown>[]).entries()) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name)))
      return `tools.${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    if (names.has(String(tool.name))) return "tools: Tool names must be unique.";
    names.add(String(tool.name));
    if ((tool.input_schema as { type?: string } | undefined)?.type !== "object")
      return `tools.${at}.custom.input_schema.type: Input should be 'object'`;
  }
  return undefined;
}

function problemWithTurns(turns: Turned[], body: Record<string, unknown>): string | undefined {
  if (turns.length === 0) return "messages: at least one message is required";
  if (turns[0]!.role !== "user") return 'messages: first message must use the "user" role';
  if (turns.at(-1)!.role === "assistant" && !paused.has(JSON.stringify(turns.at(-1)!.content)))
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  const ids = new Set<string>();
  let open: string[] = [];
  for (const [at, turn] of turns.entries()) {
    if (!["user", "assistant", "system"].includes(turn.role))
      return `messages.${at}.role: Input should be 'user' or 'assistant'`;
    if (turn.content.length === 0) return `messages.${at}: ${turn.role} messages must have non-empty content`;
    if (turn.role === "assistant" && turns[at - 1]!.role === "assistant")
      return `messages.${at}: roles must alternate between "user" and "assistant"`;
    const problem = problemWithBlocks(turn, at, open, ids) ?? problemWithThinking(turns, at, body);
    if (problem) return problem;
    open =
      turn.role === "assistant"
        ? turn.content.filter((block) => block.type === "tool_use").map((block) => String(block.id))
        : [];
  }
  return problemWithBegin(turns, body);
}

/** Within a budget, an answer that goes on after results has begun with a thought. */
function problemWithBegin(turns: Turned[], body: Record<string, unknown>): string | undefined {
  if ((body.thinking as { type?: string } | undefined)?.type !== "enabled") return undefined;
  const begin = turns.findLastIndex(
    ({ role, content }) => role === "user" && !content.some((block) => block.type === "tool_result"),
  );
  const type = turns[begin + 1]?.content[0]?.type;
  if (begin === turns.length - 1 || type === "thinking" || type === "redacted_thinking") return undefined;
  return `messages.${begin + 1}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`;
}

function problemWithBlocks(turn: Turned, at: number, open: string[], ids: Set<string>): string | undefined {
  const answered: string[] = [];
  for (const [index, block] of turn.content.entries()) {
    const where = `messages.${at}.content.${index}`;
    if (block.type === "text" && !String(block.text ?? "").trim())
      return "messages: text content blocks must contain non-whitespace text";
    if (block.type === "image") {
      const source = block.source as { media_type?: string; data?: string };
      if (!/^image\/(jpeg|png|gif|webp)$/.test(String(source?.media_type)))
        return `${where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`;
      if (!source.data) return `${where}.image.source.base64.data: image cannot be empty`;
    }
    if (block.type === "tool_use") {
      if (turn.role !== "assistant") return `${where}: \`tool_use\` blocks can only be in \`assistant\` messages`;
      if (!/^[a-zA-Z0-9_-]+$/.test(String(block.id)))
        return `${where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
      if (ids.has(String(block.id))) return "messages: `tool_use` ids must be unique";
      if (typeof block.input !== "object" || block.input === null || Array.isArray(block.input))
        return `${where}.tool_use.input: Input should be a valid dictionary`;
      ids.add(String(block.id));
    }
    if (block.type === "tool_result") {
      const id = String(block.tool_use_id);
      if (!open.includes(id))
        return `${where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
      if (answered.includes(id))
        return `${where}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
      if (turn.content.slice(0, index).some((earlier) => earlier.type !== "tool_result")) return missing(at, open);
      answered.push(id);
    }
  }
  const unanswered = open.filter((id) => !answered.includes(id));
  return unanswered.length > 0 ? missing(at, unanswered) : undefined;
}

function missing(at: number, ids: string[]): string {
  return `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

/** Blocks are bound to the model, their text and everything before them, as on the real API. */
function problemWithThinking(turns: Turned[], at: number, body: Record<string, unknown>): string | undefined {
  const binding = (body.thinking as { block_binding?: { prefix_mismatch_behavior?: string } } | undefined)
    ?.block_binding;
  for (const [index, block] of turns[at]!.content.entries()) {
    if (block.type !== "thinking") continue;
    const where = `messages.${at}.content.${index}: Invalid \`signature\` in \`thinking\` block`;
    const [, model, text, prefix] = /^fake\.([^.]+)\.(\w+)\.(\w+)$/.exec(String(block.signature)) ?? [];
    if (!model || text !== digest(block.thinking)) return where;
    if (model !== body.model || prefix === prefixDigest({ ...body, messages: turns.slice(0, at) })) continue;
    if (binding?.prefix_mismatch_behavior !== "drop_block") {
      return `${where}. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".`;
    }
  }
  return undefined;
}

export function signatureFor(thinking: string, body: Record<string, unknown>): string {
  return `fake.${String(body.model)}.${digest(thinking)}.${prefixDigest({ ...body, messages: turnsOf(body) })}`;
}

function prefixDigest(body: Record<string, unknown>): string {
  const plain = JSON.stringify([blocksOf(body.system ?? ""), body.tools ?? [], body.messages], (name, value: unknown) =>
    name === "cache_control" ? undefined : value,
  );
  return digest(plain);
}

function digest(value: unknown): string {
  return createHash("sha256").update(String(value)).digest("hex").slice(0, 16);
}
