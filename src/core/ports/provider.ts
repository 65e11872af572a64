import type { Message } from "../../protocol/message.ts";
import type { Effort } from "../../protocol/context/agentPart.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { Usage } from "../../protocol/usage.ts";

/** A model API, made ready with its key and address. One file in providers/ each. */
export interface Provider {
  /** The part of a model id before the slash, as in "anthropic". */
  readonly id: string;
  /** `models()` asks a server, so its answer is used for a while. */
  readonly listsFromServer?: true;
  /** What it offers now. Never throws: a server that is away shows as models that are not `ready`, or none. */
  models(signal?: AbortSignal): Promise<ModelInfo[]>;
  /**
   * One request. Nothing is sent before the first pull. Ends with exactly one `end`, or throws an AppError
   * (`provider_error`, `rate_limited`, `bad_request`, or `unavailable` when no request could be made, for want of a
   * key or of consent; see also providerFault.ts); on abort it throws `signal.reason` and the socket is closed. Retries before the first token are the SDK's own.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

export interface ModelRequest {
  /** The name without the provider, as in "claude-sonnet-5-5". */
  model: string;
  /** Stable over a session, so that it can be cached. */
  system: string;
  messages: Message[];
  /** Sorted by name, so that the prefix stays the same. */
  tools: ToolSpec[];
  maxOutputTokens?: number;
  /** How long the model thinks, where it can be told; its own measure when not given. */
  effort?: Effort;
  /** The answer ends before the first of these. Seen to by the core as well. */
  stop?: string[];
  /** Where the provider takes them of this model. */
  temperature?: number;
  topP?: number;
  seed?: number;
  /** What an answer without calls is to be. It is told in words as well, so a provider that has no way for it leaves it. */
  output?: OutputShape;
  /** Names the session to providers that route or cache by it. Opaque. */
  cacheKey?: string;
  /** Whose turn it takes where requests wait: a session's with all its sub-agents. `cacheKey` when not given. */
  turnKey?: string;
  /** Somebody waits for it in the editor: it goes first where requests wait, and may ask for the user's consent. */
  attended?: boolean;
}

export interface OutputShape {
  /** Letters, digits, "_" and "-", at most 64. */
  name: string;
  /** JSON Schema. */
  schema: Record<string, unknown>;
  /** All that is left is to answer: where tools and a shape exclude each other, the tools are left out. */
  alone: boolean;
}

export interface ToolSpec {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  inputSchema: Record<string, unknown>;
}

/** "broken_call": the model wrote a tool call that its own provider could not read. */
export type StopReason = "done" | "tool_calls" | "length" | "refused" | "broken_call";

/** A provider's own limits at the time of an answer. */
export interface RateLimits {
  requests?: Allowance;
  /** Prompt tokens where the provider counts those apart. */
  tokens?: Allowance;
}

export interface Allowance {
  limit: number;
  left: number;
  /** Until all of `limit` is there again. */
  resetMs: number;
}

export type ModelEvent =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  /** Told when complete. `input` is parsed JSON; what could not be parsed arrives as `invalid` with the raw text. */
  | { type: "toolCall"; id: string; name: string; input: unknown; invalid?: string }
  /** The provider waits before it tries again, or said something else worth showing. */
  | { type: "notice"; text: string }
  /** What the provider's rate limits still allow, as the headers of an answer tell. */
  | { type: "limits"; limits: RateLimits }
  /** The request is on its way: from now on it may cost something, whether or not an answer comes. */
  | { type: "sent" }
  /** A try of it failed after the provider had taken it in: that may have cost something, though not a word came. */
  | { type: "taken" }
  /** What the provider told so far of the tokens it used; the newest holds. */
  | { type: "spent"; usage: Usage }
  /**
   * `usage` is null when the provider did not tell it; its `costUsd` is null here: prices are the core's. `native` is
   * sent back as AssistantMessage.native.
   */
  | { type: "end"; usage: Usage | null; stop: StopReason; native?: unknown };
