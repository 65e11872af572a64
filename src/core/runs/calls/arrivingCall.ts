import { newId } from "../../../base/id.ts";
import type { Message, ToolCall } from "../../../protocol/message.ts";
import type { ModelEvent, ToolSpec } from "../../ports/provider.ts";

/** A call as the session keeps it: with an id that no other call of it has, and the name of a tool where one is meant. */
export function toToolCall(
  event: Extract<ModelEvent, { type: "toolCall" }>,
  { messages, calls, tools }: { messages: Message[]; calls: ToolCall[]; tools: ToolSpec[] },
): ToolCall {
  const taken = (id: string) =>
    calls.some((call) => call.id === id) ||
    messages.some((message) => message.role === "assistant" && message.toolCalls.some((call) => call.id === id));
  const input = event.invalid === undefined ? event.input : event.invalid;
  return { id: event.id === "" || taken(event.id) ? newId("call") : event.id, name: meant(event.name, tools), input };
}

/**
 * Models put the name of a space before a tool's: "default_api.read", "functions.read", "functions.read:0"; and servers
 * leave marks of a template behind it: "read<|channel|>commentary".
 */
function meant(name: string, tools: ToolSpec[]): string {
  const known = (candidate: string | undefined) => tools.find((tool) => tool.name === candidate)?.name;
  const bare = name.replace(/<\|[^]*$/, "").trim();
  const plain = bare.replace(/:\d+$/, "");
  // A server's tool may be called as one of ours, and is another; one that is not shown is called by its whole name.
  const [ofServer] = /\bmcp__.*$/.exec(plain) ?? [];
  if (ofServer !== undefined) return known(bare) ?? ofServer;
  const last = plain.split(/[.:/]|__/).at(-1);
  return known(bare) ?? known(last) ?? known(last?.toLowerCase()) ?? (bare || name.trim());
}
