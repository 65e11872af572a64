import type { Message } from "../../src/protocol/message.ts";
import type { MessageEntry } from "./panelRoutes.ts";

/** A stored message as the panel keeps it, whether it came with the history or by an event. */
export type ShownMessage = Message & { seq: number; runId: string; createdAt: string };

export type ShownAs<Role extends ShownMessage["role"]> = Extract<ShownMessage, { role: Role }>;

export function toShownMessage(entry: MessageEntry): ShownMessage {
  const { seq, text, runId, createdAt } = entry;
  const common = { seq, text, runId, createdAt };
  switch (entry.role) {
    case "user": {
      const { origin = { via: "api" }, attachments, prompt, plan } = entry;
      return { ...common, role: "user", origin, attachments, prompt, plan };
    }
    case "assistant": {
      const { thinking, toolCalls = [], model = "", usage, ended, cutBy } = entry;
      return {
        ...common,
        role: "assistant",
        thinking,
        toolCalls: toolCalls.map(toToolCall),
        model,
        usage,
        ended,
        cutBy,
      };
    }
    case "tool": {
      const { callId = "", name = "", isError = false, notRun, images, durationMs } = entry;
      return { ...common, role: "tool", callId, name, isError, notRun, images, durationMs };
    }
    case "system":
      return { ...common, role: "system", kind: entry.kind ?? "event", place: entry.place, origin: entry.origin };
  }
}

function toToolCall({ id, name, input }: { id: string; name: string; input?: unknown }) {
  return { id, name, input };
}
