import { silentLog } from "../../src/base/log.ts";
import type { ModelEvent, ModelRequest, Provider, ToolSpec } from "../../src/core/ports/provider.ts";
import type { AssistantMessage, Message, ToolMessage, UserMessage } from "../../src/protocol/message.ts";
import type { ProviderOptions } from "../../src/providers/shared/providerKind.ts";

export const noSignal = new AbortController().signal;

export function user(text: string, more: Partial<UserMessage> = {}): UserMessage {
  return { role: "user", text, origin: { via: "api" }, ...more };
}

export function toolResult(callId: string, name: string, text: string, more: Partial<ToolMessage> = {}): ToolMessage {
  return { role: "tool", callId, name, text, isError: false, ...more };
}

export function tool(name: string, properties: Record<string, unknown> = {}): ToolSpec {
  return { name, description: `The ${name} tool.`, inputSchema: { type: "object", properties } };
}

export function request(model: string, messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return { model, system: "You are a test.", messages, tools: [tool("add"), tool("read")], ...more };
}

export function options(more: Partial<ProviderOptions> = {}): ProviderOptions {
  return { id: "own", apiKey: () => Promise.resolve("test-key"), log: silentLog, timing: { maxRetries: 0 }, ...more };
}

export interface Collected {
  events: ModelEvent[];
  text: string;
  thinking: string;
  calls: Extract<ModelEvent, { type: "toolCall" }>[];
  notices: string[];
  end: Extract<ModelEvent, { type: "end" }>;
  /** The message as the agent would store it. */
  message: AssistantMessage;
}

export async function collect(provider: Provider, asked: ModelRequest, signal = noSignal): Promise<Collected> {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(asked, signal)) events.push(event);
  const joined = (type: "text" | "thinking") => events.map((event) => (event.type === type ? event.text : "")).join("");
  const calls = events.filter((event) => event.type === "toolCall");
  const ends = events.filter((event) => event.type === "end");
  if (ends.length !== 1 || events.at(-1) !== ends[0])
    throw new Error(`Expected one end, last: ${JSON.stringify(events)}`);
  const end = ends[0]!;
  const message: AssistantMessage = {
    role: "assistant",
    text: joined("text"),
    toolCalls: calls.map(({ id, name, input }) => ({ id, name, input })),
    model: `${provider.id}/${asked.model}`,
    ...(end.usage ? { usage: end.usage } : {}),
    ...(end.native === undefined ? {} : { native: { provider: provider.id, content: end.native } }),
  };
  const notices = events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  return { events, text: message.text, thinking: joined("thinking"), calls, notices, end, message };
}

/** What a stream throws; an error of its own when it does not. */
export async function failure(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
  } catch (error) {
    return error;
  }
  throw new Error("Expected a failure");
}
