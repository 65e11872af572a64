import type { Usage } from "./usage.ts";

/** Where a message came from. Provenance only: it is shown and audited, and never changes what a run may do. */
export interface Origin {
  via:
    | "api"
    | "panel"
    | "palette"
    | "cli"
    | "cron"
    | "subagent"
    | "openai"
    | "mcp"
    | "telegram"
    | "discord"
    | "webhook";
  /** The job, parent run, token name or sender behind it. */
  id?: string;
}

export interface Attachment {
  name: string;
  /** As in "text/plain" or "image/png". */
  mediaType: string;
  /** Text as it is; anything else in base64. */
  data: string;
}

export interface ToolCall {
  /** Unique within the session; given by the provider. */
  id: string;
  name: string;
  input: unknown;
}

export interface UserMessage {
  role: "user";
  text: string;
  attachments?: Attachment[];
  origin: Origin;
}

export interface AssistantMessage {
  role: "assistant";
  text: string;
  thinking?: string;
  toolCalls: ToolCall[];
  model: string;
  usage?: Usage;
  /** "stopped": cut short by a cancel or a time limit. "length": the model's output limit. */
  ended?: "stopped" | "length" | "refused";
  /** The provider's own form of this message, kept so that it can be sent back exactly. Never leaves the gateway. */
  native?: { provider: string; content: unknown };
}

export interface ToolMessage {
  role: "tool";
  callId: string;
  name: string;
  text: string;
  isError: boolean;
  /** Images a tool made, such as a screenshot. */
  images?: Attachment[];
  durationMs?: number;
}

/** A note by the gateway itself that the model reads: a system event, a summary of compacted history. */
export interface SystemMessage {
  role: "system";
  text: string;
  kind: "event" | "summary";
  origin?: Origin;
  /** Of a summary: the model sees it instead of everything before this seq. */
  keepFromSeq?: number;
}

/** The unit of a session's history, append-only. */
export type Message = UserMessage | AssistantMessage | ToolMessage | SystemMessage;

/** A message as stored: `seq` is its place among the session's events, `id` that among the gateway's. */
export type StoredMessage = Message & { id: number; seq: number; runId: string; sessionKey: string; createdAt: string };
