/** One answer of a fake model server, the same for every protocol. */
export interface Turn {
  thinking?: string;
  text?: string;
  toolCalls?: TurnToolCall[];
  /** Wait between two pieces of the stream. */
  delayMs?: number;
  /** Awaited after each piece of the stream: the next is not sent before. */
  pace?: (piece: string) => Promise<unknown>;
  /** Into how many pieces each text is cut; default one per 12 characters. */
  chunks?: number;
  /** The protocol's own stop reason, when it should not follow from the rest. */
  stop?: string;
  usage?: TurnUsage;
  fault?: Fault;
}

export interface TurnToolCall {
  id?: string;
  name: string;
  input?: unknown;
  /** Sent in place of the JSON of `input`, to see what becomes of broken arguments. */
  rawInput?: string;
}

/** Disjoint counts; each protocol reports them in its own overlapping way. */
export interface TurnUsage {
  inputTokens?: number;
  outputTokens?: number;
  thinkingTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
}

/** What goes wrong, and where. `times` repeats it for the retries that follow (default 1). */
export type Fault =
  /** Answers with an error status, in the protocol's own shape unless `body` is given. */
  | {
      kind: "status";
      status: number;
      message?: string;
      headers?: Record<string, string>;
      body?: string;
      times?: number;
    }
  /** Takes the request and goes silent; at the "end" all of the answer was sent, and the body stays open. */
  | { kind: "stall"; at: "headers" | "body" | "stream" | "end" }
  /** Ends the body properly, in the middle of the answer. */
  | { kind: "cut"; at?: "body" | "stream" }
  /** Resets the connection. */
  | { kind: "reset"; at: "headers" | "stream" | "end"; times?: number }
  /** Resets the connection where it has carried a request before, and answers where it has not. */
  | { kind: "reset"; at: "reuse" }
  /** A frame whose JSON is cut off. */
  | { kind: "badJson" }
  /** One line of 10 MB without an end. */
  | { kind: "hugeLine" }
  | { kind: "invalidUtf8" }
  /** An error told inside a stream that began well. */
  | { kind: "streamError"; message?: string };

/** What a script sees of a request, whatever its protocol. */
export interface ModelServerRequest {
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  model: string;
  streamed: boolean;
  system: string;
  /** Text of the newest message a person (or the gateway) wrote. */
  text: string;
  /** Results of tools that came after `text`, oldest first. */
  toolResults: { id: string; text: string; isError: boolean }[];
  /** Names of the tools on offer. */
  tools: string[];
}

export type Script = Turn[] | ((request: ModelServerRequest) => Turn | Promise<Turn>);

/** Cuts a text as the turn asks; "" gives nothing. */
export function pieces(text: string, turn: Turn): string[] {
  const size = turn.chunks ? Math.max(1, Math.ceil(text.length / turn.chunks)) : 12;
  const found: string[] = [];
  for (let at = 0; at < text.length; at += size) found.push(text.slice(at, at + size));
  return found;
}

/** The rough count that the fakes bill by: a token per four characters. */
export function estimateTokens(value: unknown): number {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return Math.ceil(text.length / 4);
}
