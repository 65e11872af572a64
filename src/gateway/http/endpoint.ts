import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorBody } from "../../protocol/error.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Scope } from "../calls/scope.ts";
import type { Principal } from "../auth/tokens.ts";

/** Something the HTTP server answers at a path: a route of the table, a page, or a door for other clients. */
export interface Endpoint {
  path: string;
  /** Its name in the audit log; absent where its calls are told otherwise, or by nobody. */
  name?: string;
  verbs: ("GET" | "POST" | "DELETE")[];
  /** Absent: served without a token. */
  scope?: Scope;
  /** Takes a WebSocket upgrade instead of a request. */
  upgrade?: true;
  /** Answers, or throws what the answer should tell. */
  handle(exchange: Exchange): Promise<void>;
  /** The error's answer in another shape than `{error: {...}}`. */
  toErrorAnswer?(error: ErrorBody, status: number): unknown;
}

/** One request that was let in, with its answer. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  path: string;
  /** As sent, without the question mark. */
  query: string;
  headers: Map<string, string>;
  /** Whose token it came with; absent on endpoints without a scope. */
  principal?: Principal;
  origin: Origin;
  /** Aborts when the client goes away, or the gateway closes. */
  signal: AbortSignal;
  /** Aborts when the client goes away. */
  gone: AbortSignal;
  /** What exactly was asked for, for the audit log. */
  detail?: string;
  /** The body as it was read, for the same. */
  input?: unknown;
}
