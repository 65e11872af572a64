import {
  anthropicModels,
  blocksOf,
  paused,
  refuseAnthropic,
  signatureFor,
  turnsOf,
  type Block,
} from "./anthropicRules.ts";
import { startModelServer, type ModelProtocol, type ModelServer, type ModelServerOptions } from "../modelServer.ts";
import { estimateTokens, pieces, type ModelServerRequest, type Turn } from "../modelTurn.ts";

/**
 * A fake of the Anthropic Messages API. Without a script it echoes and uses tools on keywords (see modelScript.ts).
 * Run by itself: `PORT=8080 node test/fakes/anthropic/anthropicServer.ts`.
 */
export function startAnthropicServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  return startModelServer(anthropicProtocol, options);
}

const ERROR_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

let made = 0;

const anthropicProtocol: ModelProtocol = {
  isModelRequest: (method, path) => method === "POST" && /^\/v1\/messages(\?|$)/.test(path),
  refuse: refuseAnthropic,
  answer(method, path, body) {
    if (method === "POST" && path.startsWith("/v1/messages/count_tokens"))
      return { input_tokens: estimateTokens(body) };
    if (method !== "GET" || !path.startsWith("/v1/models")) return undefined;
    const data = Object.keys(anthropicModels).map((id) => ({
      type: "model",
      id,
      display_name: id,
      created_at: "2026-09-28T00:00:00Z",
    }));
    return { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id };
  },
  read({ body }) {
    const turns = turnsOf(body);
    const lastAsk = turns.findLastIndex(
      (turn) => turn.role === "user" && turn.content.some((block) => block.type === "text"),
    );
    const results = turns
      .slice(lastAsk + 1)
      .flatMap((turn) => turn.content.filter((block) => block.type === "tool_result"));
    return {
      model: String(body.model),
      streamed: body.stream === true,
      system: textOf(blocksOf(body.system ?? "")),
      text: (turns[lastAsk]?.content.findLast((block) => block.type === "text")?.text as string) ?? "",
      toolResults: results.map((block) => ({
        id: String(block.tool_use_id),
        text: textOf(blocksOf(block.content ?? "")),
        isError: block.is_error === true,
      })),
      tools: ((body.tools ?? []) as { name: string }[]).map((tool) => tool.name),
    };
  },
  frames(turn, request) {
    const { content, usage, stop } = answerOf(turn, request);
    const open = {
      type: "message",
      id: `msg_fake${made}`,
      role: "assistant",
      model: request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
    };
    return [
      frame({ type: "message_start", message: { ...open, usage: { ...usage, output_tokens: 1 } } }),
      frame({ type: "ping" }),
      ...content.flatMap((block, index) => blockFrames(block, index, turn)),
      frame({ type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage }),
      frame({ type: "message_stop" }),
    ];
  },
  whole(turn, request) {
    const { content, usage, stop } = answerOf(turn, request);
    const parsed = content.map((block) =>
      "raw" in block ? { ...block, raw: undefined, input: JSON.parse(String(block.raw)) as unknown } : block,
    );
    return {
      type: "message",
      id: `msg_fake${made}`,
      role: "assistant",
      model: request.model,
      content: parsed,
      stop_reason: stop,
      stop_sequence: null,
      usage,
    };
  },
  errorBody: (status, message) => ({
    type: "error",
    error: { type: ERROR_TYPES[status] ?? "api_error", message },
    request_id: "req_fake",
  }),
  errorFrame: (message) => frame({ type: "error", error: { type: "overloaded_error", message } }),
};

function answerOf(
  turn: Turn,
  request: ModelServerRequest,
): { content: Block[]; usage: Record<string, unknown>; stop: string } {
  made += 1;
  const calls = turn.toolCalls ?? [];
  const content: Block[] = [];
  if (turn.thinking) {
    const omitted = (request.body.thinking as { display?: string } | undefined)?.display !== "summarized";
    const thinking = omitted ? "" : turn.thinking;
    content.push({ type: "thinking", thinking, signature: signatureFor(thinking, request.body) });
  }
  if (turn.text) content.push({ type: "text", text: turn.text });
  for (const [index, call] of calls.entries()) {
    content.push({
      type: "tool_use",
      id: call.id ?? `toolu_fake${made}_${index}`,
      name: call.name,
      raw: call.rawInput ?? JSON.stringify(call.input ?? {}),
    });
  }
  if (turn.stop === "pause_turn") paused.add(JSON.stringify(content));
  const { system, messages, tools } = request.body;
  const usage = {
    input_tokens: turn.usage?.inputTokens ?? estimateTokens({ system, messages, tools }),
    cache_creation_input_tokens: turn.usage?.cacheWriteTokens ?? 0,
    cache_read_input_tokens: turn.usage?.cacheReadTokens ?? 0,
    // As on the real API, thinking is part of the output.
    output_tokens: (turn.usage?.outputTokens ?? estimateTokens(content)) + (turn.usage?.thinkingTokens ?? 0),
  };
  return { content, usage, stop: turn.stop ?? (calls.length > 0 ? "tool_use" : "end_turn") };
}

function blockFrames(block: Block, index: number, turn: Turn): string[] {
  const delta = (body: object) => frame({ type: "content_block_delta", index, delta: body });
  const start = (body: object) => frame({ type: "content_block_start", index, content_block: body });
  const stop = frame({ type: "content_block_stop", index });
  if (block.type === "thinking") {
    const deltas = pieces(String(block.thinking), turn).map((thinking) => delta({ type: "thinking_delta", thinking }));
    return [
      start({ type: "thinking", thinking: "", signature: "" }),
      ...deltas,
      delta({ type: "signature_delta", signature: block.signature }),
      stop,
    ];
  }
  if (block.type === "text") {
    return [
      start({ type: "text", text: "" }),
      ...pieces(String(block.text), turn).map((text) => delta({ type: "text_delta", text })),
      stop,
    ];
  }
  const json = pieces(String(block.raw), turn).map((partial) =>
    delta({ type: "input_json_delta", partial_json: partial }),
  );
  return [start({ type: "tool_use", id: block.id, name: block.name, input: {} }), ...json, stop];
}

function frame(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function textOf(blocks: Block[]): string {
  return blocks.map((block) => (block.type === "text" ? String(block.text) : `[${block.type}]`)).join("\n");
}

if (import.meta.main) {
  const server = await startAnthropicServer({ port: Number(process.env.PORT ?? 0) });
  console.log(`listening on ${server.url}`);
}
