import type { RawRequest, Refusal } from "./modelServer.ts";

/** What one maker's chat server refuses that others take, in its own words. */
export interface ChatRules {
  /** DeepSeek: every answer comes back with its reasoning. */
  wantsReasoning?: boolean;
  /** Mistral: ids of nine letters and digits, and an answer between a tool's result and a user. */
  mistral?: boolean;
  /** Knows no stream_options. */
  noStreamOptions?: boolean;
  /** Sees no images. */
  blind?: boolean;
  /** Tokens, a third of a letter each, as of some languages; and what it says when there are more. */
  window?: { tokens: number; refusal: (used: number, limit: number) => Refusal };
}

interface Sent {
  role: string;
  content?: unknown;
  reasoning_content?: string;
  tool_calls?: { id: string; function: { name: string } }[];
  tool_call_id?: string;
}

/** The refusal of a request by these rules; undefined when they take it. */
export function refuseByRules(rules: ChatRules, { method, body }: RawRequest): Refusal | undefined {
  if (method !== "POST") return undefined;
  const messages = (body.messages ?? []) as Sent[];
  if (rules.noStreamOptions && "stream_options" in body)
    return {
      status: 400,
      message:
        "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
    };
  const half = JSON.stringify(body).search(/(?<!\\)(?:\\\\)*\\ud[89a-f]/i);
  if (half !== -1) return { status: 400, message: "unexpected end of hex escape: lone surrogate in body" };
  if (rules.blind && JSON.stringify(messages).includes('"image_url"'))
    return { status: 400, message: "This model does not support image input" };
  const ids = new Set<string>();
  for (const [at, message] of messages.entries()) {
    const problem = problemOf(rules, message, messages[at - 1], ids, at);
    if (problem) return { status: 400, message: problem };
  }
  const used = Math.ceil(JSON.stringify(messages).length / 3);
  if (rules.window && used > rules.window.tokens) return rules.window.refusal(used, rules.window.tokens);
  return undefined;
}

function problemOf(rules: ChatRules, message: Sent, before: Sent | undefined, ids: Set<string>, at: number) {
  for (const call of message.tool_calls ?? []) {
    if (ids.has(call.id)) return `Duplicate tool call id ${call.id} in messages[${at}]`;
    ids.add(call.id);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(call.function.name))
      return `Invalid 'messages[${at}].tool_calls[0].function.name': string does not match pattern.`;
    if (rules.mistral && !/^[a-zA-Z0-9]{9}$/.test(call.id))
      return `Tool call id was ${call.id} but must be a-z, A-Z, 0-9, with a length of 9.`;
  }
  if (rules.mistral && message.role === "user" && before?.role === "tool")
    return "Unexpected role 'user' after role 'tool'";
  if (rules.wantsReasoning && message.role === "assistant" && !message.reasoning_content)
    return "The `reasoning_content` in the thinking mode must be passed back to the API.";
  return undefined;
}
