import { inPieces, toArguments, toCallId } from "./conversation/callIdentity.ts";
import type { Turn } from "./turn.ts";

export interface CompletionCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

interface CompletionMessage {
  role: "assistant";
  content: string | null;
  refusal: string | null;
  tool_calls?: CompletionCall[];
}

/** A chat completion as a whole. */
export interface Completion {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: [{ index: 0; message: CompletionMessage; logprobs: null; finish_reason: string }];
  usage: Record<string, unknown>;
  metadata?: Record<string, string>;
}

export function toCompletion(
  id: string,
  { model, metadata }: { model: string; metadata?: Record<string, string> | null | undefined },
  turn: Turn,
  now: number,
): Completion {
  const { usage, ended, calls } = turn;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const cut = ended === "length" ? "length" : ended === "refused" ? "content_filter" : "stop";
  return {
    id,
    object: "chat.completion",
    created: Math.floor(now / 1000),
    model,
    choices: [
      { index: 0, message: toMessage(turn), logprobs: null, finish_reason: calls.length > 0 ? "tool_calls" : cut },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: usage.outputTokens,
      total_tokens: prompt + usage.outputTokens,
      prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
    },
    ...(metadata ? { metadata } : {}),
  };
}

function toMessage({ runId, reply, calls }: Turn): CompletionMessage {
  if (calls.length === 0) return { role: "assistant", content: reply, refusal: null };
  const tool_calls = calls.map((call, at): CompletionCall => ({
    id: toCallId(runId, at),
    type: "function",
    function: { name: call.name, arguments: toArguments(call) },
  }));
  return { role: "assistant", content: reply === "" ? null : reply, refusal: null, tool_calls };
}

/** The calls of a message as a stream tells them: who is called, then with what. */
export function toCallDeltas({ tool_calls = [] }: CompletionMessage): object[] {
  return tool_calls.flatMap(({ id, type, function: { name, arguments: written } }, index) => {
    return [
      { tool_calls: [{ index, id, type, function: { name, arguments: "" } }] },
      ...inPieces(written).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ];
  });
}
