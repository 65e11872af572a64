import { createHash } from "node:crypto";
import {
  type ModelProtocol,
  type ModelServer,
  type ModelServerOptions,
  type RawRequest,
  type Refusal,
  startModelServer,
} from "./modelServer.ts";
import { estimateTokens, type ModelServerRequest, pieces, type Turn } from "./modelTurn.ts";

/** A fake of the OpenAI Responses API. */
export function startOpenaiServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  return startModelServer(responsesProtocol, options);
}

interface Item {
  type: string;
  [field: string]: unknown;
}

const MODELS = ["gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna"];
const WINDOW_TOKENS = 1_050_000;
const FIELDS = new Set(
  "model input instructions tools stream store include reasoning max_output_tokens prompt_cache_key parallel_tool_calls text metadata truncation".split(
    " ",
  ),
);

let made = 0;

const responsesProtocol: ModelProtocol = {
  isModelRequest: (method, path) => method === "POST" && path === "/v1/responses",
  refuse,
  answer: (method, path) =>
    method === "GET" && path === "/v1/models"
      ? { object: "list", data: MODELS.map((id) => ({ id, object: "model" })) }
      : undefined,
  read({ body }) {
    const items = itemsOf(body.input);
    const lastAsk = items.findLastIndex((item) => item.role === "user");
    return {
      model: String(body.model),
      streamed: body.stream === true,
      system: String(body.instructions ?? ""),
      text: contentText(items[lastAsk]?.content, "last"),
      toolResults: items
        .slice(lastAsk + 1)
        .filter((item) => item.type === "function_call_output")
        .map((item) => ({ id: String(item.call_id), text: contentText(item.output), isError: false })),
      tools: ((body.tools ?? []) as { name: string }[]).map((tool) => tool.name),
    };
  },
  frames(turn, request) {
    const output = outputOf(turn, request);
    let sequence = 0;
    const frame = (event: { type: string; [field: string]: unknown }) =>
      `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence++ })}\n\n`;
    const open = responseOf("in_progress", [], request, turn);
    const closed = responseOf(turn.stop === "max_output_tokens" ? "incomplete" : "completed", output, request, turn);
    return [
      frame({ type: "response.created", response: open }),
      frame({ type: "response.in_progress", response: open }),
      ...output.flatMap((item, index) => itemFrames(item, index, turn, frame)),
      frame({ type: `response.${String(closed.status)}`, response: closed }),
    ];
  },
  whole: (turn, request) => responseOf("completed", outputOf(turn, request), request, turn),
  errorBody: (status, message) => ({
    error: { message, type: errorType(status), param: null, code: errorCode(status, message) },
  }),
  errorFrame: (message) =>
    `event: error\ndata: ${JSON.stringify({ type: "error", code: "server_error", message, param: null, sequence_number: 99 })}\n\n`,
};

export function errorType(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

export function errorCode(status: number, message: string): string | null {
  if (status === 401) return "invalid_api_key";
  if (status === 429) return "rate_limit_exceeded";
  if (status === 404) return "model_not_found";
  return /context window|context length/.test(message) ? "context_length_exceeded" : null;
}

function refuse({ method, headers, body }: RawRequest): Refusal | undefined {
  const key = headers.authorization?.replace(/^Bearer /, "");
  if (!key) return { status: 401, message: "Missing bearer authentication in header" };
  if (key.includes("wrong")) return { status: 401, message: "Incorrect API key provided: wro***key." };
  if (method !== "POST") return undefined;
  for (const field of Object.keys(body)) if (!FIELDS.has(field)) return bad(`Unknown parameter: '${field}'.`);
  if (!MODELS.includes(String(body.model)))
    return {
      status: 404,
      message: `The model '${String(body.model)}' does not exist or you do not have access to it.`,
    };
  for (const [at, tool] of ((body.tools ?? []) as Item[]).entries()) {
    if (tool.type !== "function") return bad(`Invalid value: '${tool.type}'. Supported values are: 'function'.`);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name)))
      return bad(`Invalid 'tools[${at}].name': string does not match pattern.`);
    if ((tool.parameters as { type?: string } | undefined)?.type !== "object")
      return bad(
        `Invalid schema for function '${String(tool.name)}': schema must be a JSON Schema of 'type: "object"'.`,
      );
  }
  const problem = problemWithInput(itemsOf(body.input), body);
  if (problem) return bad(problem);
  if (estimateTokens(body) > WINDOW_TOKENS)
    return bad("Your input exceeds the context window of this model. Please adjust your input and try again.");
  return undefined;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}

function problemWithInput(items: Item[], body: Record<string, unknown>): string | undefined {
  if (items.length === 0) return "Missing required parameter: 'input'.";
  const calls = new Set<string>();
  const answered = new Set<string>();
  for (const [at, item] of items.entries()) {
    if (item.type === "function_call") {
      if (typeof item.arguments !== "string") return `Invalid type for 'input[${at}].arguments': expected a string.`;
      calls.add(String(item.call_id));
    } else if (item.type === "function_call_output") {
      if (!calls.has(String(item.call_id)))
        return `No tool call found for function call output with call_id ${String(item.call_id)}.`;
      answered.add(String(item.call_id));
    } else if (item.type === "reasoning") {
      const next = items[at + 1];
      if (!next || !["message", "function_call", "reasoning"].includes(next.type) || next.role === "user")
        return `Item '${String(item.id)}' of type 'reasoning' was provided without its required following item.`;
      if (body.store === false && !item.encrypted_content)
        return `Item with id '${String(item.id)}' not found. Items are not persisted when \`store\` is set to false.`;
      if (item.encrypted_content !== encrypt(item.summary))
        return `The encrypted content for item ${String(item.id)} could not be verified.`;
    } else if (item.type !== "message") return `Invalid value: '${item.type}'.`;
  }
  const open = [...calls].find((id) => !answered.has(id));
  return open ? `No tool output found for function call ${open}.` : undefined;
}

function itemsOf(input: unknown): Item[] {
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  return ((input ?? []) as Item[]).map((item) => ({ ...item, type: item.type ?? "message" }));
}

function outputOf(turn: Turn, request: ModelServerRequest): Item[] {
  made += 1;
  const items: Item[] = [];
  if (turn.thinking) {
    const shown = (request.body.reasoning as { summary?: string } | undefined)?.summary !== undefined;
    const summary = shown ? [{ type: "summary_text", text: turn.thinking }] : [];
    const included = ((request.body.include ?? []) as string[]).includes("reasoning.encrypted_content");
    items.push({
      type: "reasoning",
      id: `rs_fake${made}`,
      summary,
      ...(included ? { encrypted_content: encrypt(summary) } : {}),
    });
  }
  if (turn.text) {
    const content = [{ type: "output_text", text: turn.text, annotations: [] }];
    items.push({ type: "message", id: `msg_fake${made}`, role: "assistant", status: "completed", content });
  }
  for (const [index, call] of (turn.toolCalls ?? []).entries()) {
    const callId = call.id ?? `call_fake${made}_${index}`;
    const args = call.rawInput ?? JSON.stringify(call.input ?? {});
    items.push({
      type: "function_call",
      id: `fc_${callId}`,
      call_id: callId,
      name: call.name,
      arguments: args,
      status: "completed",
    });
  }
  return items;
}

function itemFrames(
  item: Item,
  index: number,
  turn: Turn,
  frame: (event: { type: string; [field: string]: unknown }) => string,
): string[] {
  const at = { output_index: index, item_id: item.id };
  const done = frame({ type: "response.output_item.done", output_index: index, item });
  if (item.type === "reasoning") {
    const text = (item.summary as { text: string }[])[0]?.text ?? "";
    const added = frame({ type: "response.output_item.added", output_index: index, item: { ...item, summary: [] } });
    return [
      added,
      ...pieces(text, turn).map((delta) =>
        frame({ type: "response.reasoning_summary_text.delta", ...at, summary_index: 0, delta }),
      ),
      done,
    ];
  }
  if (item.type === "message") {
    const text = (item.content as { text: string }[])[0]!.text;
    const added = frame({
      type: "response.output_item.added",
      output_index: index,
      item: { ...item, content: [], status: "in_progress" },
    });
    const deltas = pieces(text, turn).map((delta) =>
      frame({ type: "response.output_text.delta", ...at, content_index: 0, delta }),
    );
    return [added, ...deltas, frame({ type: "response.output_text.done", ...at, content_index: 0, text }), done];
  }
  const added = frame({
    type: "response.output_item.added",
    output_index: index,
    item: { ...item, arguments: "", status: "in_progress" },
  });
  const deltas = pieces(String(item.arguments), turn).map((delta) =>
    frame({ type: "response.function_call_arguments.delta", ...at, delta }),
  );
  return [
    added,
    ...deltas,
    frame({ type: "response.function_call_arguments.done", ...at, arguments: item.arguments }),
    done,
  ];
}

function responseOf(status: string, output: Item[], request: ModelServerRequest, turn: Turn): Record<string, unknown> {
  const { usage } = turn;
  const cached = usage?.cacheReadTokens ?? 0;
  const written = usage?.cacheWriteTokens ?? 0;
  const reasoning = usage?.thinkingTokens ?? 0;
  // As on the real API: cached tokens are part of the input, and reasoning is part of the output.
  const input = (usage?.inputTokens ?? estimateTokens(request.body.input)) + cached + written;
  const generated = (usage?.outputTokens ?? estimateTokens(output)) + reasoning;
  return {
    id: `resp_fake${made}`,
    object: "response",
    created_at: 1_790_000_000,
    model: request.model,
    status,
    output,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: turn.stop } : null,
    usage:
      status === "in_progress"
        ? null
        : {
            input_tokens: input,
            input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
            output_tokens: generated,
            output_tokens_details: { reasoning_tokens: reasoning },
            total_tokens: input + generated,
          },
  };
}

function encrypt(summary: unknown): string {
  return `enc.${createHash("sha256").update(JSON.stringify(summary)).digest("hex").slice(0, 24)}`;
}

function contentText(content: unknown, which: "all" | "last" = "all"): string {
  if (typeof content === "string") return content;
  const texts = ((content ?? []) as Item[]).map((part) =>
    typeof part.text === "string" ? part.text : `[${part.type}]`,
  );
  return which === "last" ? (texts.at(-1) ?? "") : texts.join("\n");
}
