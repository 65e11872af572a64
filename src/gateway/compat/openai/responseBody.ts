import { AppError } from "../../../base/appError.ts";
import { toArguments, toCallId, toCallItemId, toMessageItemId } from "./conversation/callIdentity.ts";
import type { ResponsesRequest } from "./responsesRequest.ts";
import type { Turn } from "./turn.ts";

/** What stays the same from the first event of an answer to its last. */
export interface ResponseFrame {
  request: Pick<
    ResponsesRequest,
    | "model"
    | "instructions"
    | "previous_response_id"
    | "tools"
    | "tool_choice"
    | "parallel_tool_calls"
    | "text"
    | "metadata"
    | "temperature"
    | "top_p"
    | "max_output_tokens"
    | "store"
  >;
  /** Seconds since 1970. */
  createdAt: number;
}

export interface ResponseBody {
  id: string;
  status: "in_progress" | "completed" | "incomplete" | "failed" | "cancelled";
  output: OutputItem[];
  [field: string]: unknown;
}

export type OutputItem = MessageItem | CallItem;

type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface MessageItem {
  type: "message";
  id: string;
  role: "assistant";
  status: ItemStatus;
  content: { type: "output_text"; text: string; annotations: []; logprobs: [] }[];
}

export interface CallItem {
  type: "function_call";
  id: string;
  call_id: string;
  name: string;
  arguments: string;
  status: ItemStatus;
}

/** An answer is known by its run, so that a later request can go on in its session. */
export function toResponseId(runId: string): string {
  return `resp_${runId}`;
}

/** `not_found` for an id that is none of ours. */
export function toRunId(responseId: string): string {
  const runId = /^resp_(.+)$/.exec(responseId)?.[1];
  if (runId === undefined)
    throw new AppError("not_found", "There is no response of this id", {
      details: [{ path: "previous_response_id", message: "Unknown" }],
    });
  return runId;
}

export function toResponseBody(frame: ResponseFrame, turn: Turn, text = turn.reply): ResponseBody {
  const isWhole = turn.calls.length > 0 || (turn.ended !== "length" && turn.ended !== "refused");
  const status = isWhole ? "completed" : "incomplete";
  const reason = turn.ended === "length" ? "max_output_tokens" : "content_filter";
  const calls = turn.calls.map((call, at): CallItem => ({
    type: "function_call",
    id: toCallItemId(turn.runId, at),
    call_id: toCallId(turn.runId, at),
    name: call.name,
    arguments: toArguments(call),
    status: "completed",
  }));
  const isSilent = calls.length > 0 && text === "";
  return {
    ...toOpenBody(frame, turn.runId),
    status,
    incomplete_details: isWhole ? null : { reason },
    output: [...(isSilent ? [] : [toItem(turn.runId, text, status)]), ...calls],
    output_text: text,
    usage: toUsage(turn.usage),
  };
}

/** As long as nothing is known of it. */
export function toOpenBody({ request, createdAt }: ResponseFrame, runId: string): ResponseBody {
  return {
    id: toResponseId(runId),
    object: "response",
    created_at: createdAt,
    status: "in_progress",
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    store: request.store ?? true,
    temperature: request.temperature ?? null,
    text: { format: request.text?.format ?? { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_p: request.top_p ?? null,
    usage: null,
  };
}

export function toItem(runId: string, text: string, status: ItemStatus): MessageItem {
  const content = status === "in_progress" ? [] : [toPart(text)];
  return { type: "message", id: toMessageItemId(runId), role: "assistant", status, content };
}

export function toPart(text: string): MessageItem["content"][number] {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function toUsage({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Turn["usage"]) {
  const input = inputTokens + cacheReadTokens + cacheWriteTokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + outputTokens,
  };
}
