import { type ChatRules, refuseByRules } from "./chatRules.ts";
import { errorCode, errorType } from "./openaiServer.ts";
import {
  type ModelProtocol,
  type ModelServer,
  type ModelServerOptions,
  type RawRequest,
  type Refusal,
  startModelServer,
} from "./modelServer.ts";
import { estimateTokens, type ModelServerRequest, pieces, type Turn } from "./modelTurn.ts";

/** A fake of a server with the chat completions API, such as Ollama, LM Studio, vLLM or OpenRouter. Wants no key. */
export function startOpenaiChatServer(options: ModelServerOptions & { rules?: ChatRules } = {}): Promise<ModelServer> {
  const { rules = {}, ...others } = options;
  return startModelServer(
    { ...chatProtocol, refuse: (request) => refuseByRules(rules, request) ?? refuse(request, rules) },
    others,
  );
}

interface ChatMessage {
  role: string;
  content?: string | { type: string; text?: string }[] | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

const MODELS = ["qwen3", "llama4"];
const WINDOW_TOKENS = 32_768;

let made = 0;

const chatProtocol: ModelProtocol = {
  isModelRequest: (method, path) => method === "POST" && path === "/v1/chat/completions",
  refuse: (request) => refuse(request, {}),
  answer: (method, path) =>
    method === "GET" && path === "/v1/models"
      ? { object: "list", data: MODELS.map((id) => ({ id, object: "model", created: 0, owned_by: "library" })) }
      : undefined,
  read({ body }) {
    const messages = body.messages as ChatMessage[];
    const lastAsk = messages.findLastIndex((message) => message.role === "user");
    return {
      model: String(body.model),
      streamed: body.stream === true,
      system: textOf(messages.find((message) => message.role === "system")),
      text: textOf(messages[lastAsk], "last"),
      toolResults: messages
        .slice(lastAsk + 1)
        .filter((message) => message.role === "tool")
        .map((message) => ({ id: message.tool_call_id!, text: textOf(message), isError: false })),
      tools: ((body.tools ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name),
    };
  },
  frames(turn, request) {
    made += 1;
    const chunk = (delta: object, finish: string | null = null) =>
      frame({ ...base(request), choices: [{ index: 0, delta, finish_reason: finish }] });
    const calls = (turn.toolCalls ?? []).flatMap((call, index) => {
      const args = call.rawInput ?? JSON.stringify(call.input ?? {});
      const head = {
        index,
        id: call.id ?? `call_fake${made}_${index}`,
        type: "function",
        function: { name: call.name, arguments: "" },
      };
      return [
        chunk({ tool_calls: [head] }),
        ...pieces(args, turn).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
      ];
    });
    const wantsUsage = (request.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
    return [
      chunk({ role: "assistant", content: "" }),
      ...pieces(turn.thinking ?? "", turn).map((reasoning) => chunk({ reasoning_content: reasoning })),
      ...pieces(turn.text ?? "", turn).map((content) => chunk({ content })),
      ...calls,
      chunk({}, finishOf(turn)),
      ...(wantsUsage ? [frame({ ...base(request), choices: [], usage: usageOf(turn, request) })] : []),
      "data: [DONE]\n\n",
    ];
  },
  whole(turn, request) {
    made += 1;
    const calls = (turn.toolCalls ?? []).map((call, index) => ({
      id: call.id ?? `call_fake${made}_${index}`,
      type: "function",
      function: { name: call.name, arguments: call.rawInput ?? JSON.stringify(call.input ?? {}) },
    }));
    const message = {
      role: "assistant",
      content: turn.text ?? null,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    return {
      ...base(request),
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: finishOf(turn) }],
      usage: usageOf(turn, request),
    };
  },
  errorBody: (status, message) => ({
    error: { message, type: errorType(status), param: null, code: errorCode(status, message) },
  }),
  errorFrame: (message) => frame({ error: { message, type: "server_error", code: 500 } }),
};

function refuse({ method, headers, body }: RawRequest, rules: ChatRules): Refusal | undefined {
  if (headers.authorization?.includes("wrong"))
    return { status: 401, message: "Incorrect API key provided: wro***key." };
  if (method !== "POST") return undefined;
  if (!MODELS.includes(String(body.model))) return { status: 404, message: `model '${String(body.model)}' not found` };
  const messages = (body.messages ?? []) as ChatMessage[];
  if (messages.length === 0) return bad("[] is too short - 'messages'");
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id ?? ""))
        return bad(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        );
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) return unanswered(open);
    if (message.role === "assistant") {
      if (!message.content && !message.tool_calls?.length)
        return bad("Invalid value for 'content': expected a string, got null.");
      open = (message.tool_calls ?? []).map((call) => call.id);
    }
  }
  if (open.length > 0) return unanswered(open);
  const size = estimateTokens(messages);
  return size > WINDOW_TOKENS && !rules.window
    ? bad(
        `This model's maximum context length is ${WINDOW_TOKENS} tokens. However, your messages resulted in ${size} tokens.`,
      )
    : undefined;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}

function unanswered(ids: string[]): Refusal {
  return bad(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(", ")}`,
  );
}

function base(request: ModelServerRequest): Record<string, unknown> {
  return { id: `chatcmpl-fake${made}`, object: "chat.completion.chunk", created: 1_790_000_000, model: request.model };
}

function finishOf(turn: Turn): string {
  return turn.stop ?? (turn.toolCalls?.length ? "tool_calls" : "stop");
}

function usageOf(turn: Turn, request: ModelServerRequest): Record<string, unknown> {
  const { usage } = turn;
  const cached = usage?.cacheReadTokens ?? 0;
  const written = usage?.cacheWriteTokens ?? 0;
  const reasoning = usage?.thinkingTokens ?? 0;
  const prompt = (usage?.inputTokens ?? estimateTokens(request.body.messages)) + cached + written;
  const completion = (usage?.outputTokens ?? estimateTokens(turn.text ?? "")) + reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, ...(written ? { cache_write_tokens: written } : {}) },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function textOf(message: ChatMessage | undefined, which: "all" | "last" = "all"): string {
  if (typeof message?.content === "string") return message.content;
  const texts = (message?.content ?? []).map((part) => part.text ?? `[${part.type}]`);
  return which === "last" ? (texts.at(-1) ?? "") : texts.join("\n");
}
