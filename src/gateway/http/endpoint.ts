import type { IncomingMessage } from "node:http";
import { AppError } from "../../base/appError.ts";
import type { ErrorBody } from "../../protocol/error.ts";
import type { Origin } from "../../protocol/message.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";
import type { Scope } from "../calls/scope.ts";
import type { Arrival } from "../auth/authorize.ts";
import type { Principal } from "../auth/tokens.ts";

/** Something the HTTP server serves at a path: a route of the table, a page, or a door for other clients. */
export interface Endpoint {
  path: string;
  /** Served at what is below the path: "/v1/models/NAME". */
  takesName?: true;
  /** Its name in the audit log; absent where its calls are told otherwise, or by nobody. */
  name?: string;
  verbs: ("GET" | "POST" | "DELETE")[];
  /** Absent: served without a token. */
  scope?: Scope;
  /** Which right of a paired phone opens it; absent: none does. */
  phone?: PhoneScope;
  /** Who may come in where tokens of the gateway say nothing; throws what is told instead. */
  admit?(arrival: Arrival): void;
  /** Whether bodies of this media type are taken besides JSON. */
  takes?(type: string): boolean;
  /** Whether it is called by this Host, besides those that the gateway answers to. */
  isHost?(path: string, host: string): boolean;
  /** The caller's own token dies by it, and is answered all the same. */
  farewell?: true;
  /** Takes a WebSocket upgrade instead of a request. */
  upgrade?: true;
  /** What is sent; throws what is to be told instead. */
  handle(exchange: Exchange): Promise<Reply>;
  /** The error's body in another shape than `{error: {...}}`. */
  toErrorReply?(error: ErrorBody): unknown;
}

/** What a request comes to: a value, a stream, or what another library made of it. `writeReply` turns it into a response. */
export type Reply = JsonReply | StreamReply | Response;

export interface JsonReply {
  /** 200 when not given. */
  status?: number;
  body: unknown;
}

/** Server-sent events, as many blocks at once as there are, in bytes or text. What is thrown before the first has a status of its own. */
export interface StreamReply {
  events: AsyncIterable<Iterable<string | Buffer>>;
  /** They end by themselves when the exchange's signal aborts, with what is to be told of it. Absent: they are cut there. */
  endsItself?: true;
}

/** One request that was let in. */
export interface Exchange {
  request: IncomingMessage;
  requestId: string;
  path: string;
  /** As sent, without the question mark. */
  query: string;
  headers: Map<string, string>;
  /** Whose token it came with; absent on endpoints without a scope. */
  principal?: Principal;
  /** `unauthorized` when the token it came with has died since: a body may come long after its head was let in. */
  checkToken(): void;
  origin: Origin;
  /** Aborts when the client goes away, its token dies while it reads a stream, or the gateway closes. */
  signal: AbortSignal;
  /** Aborts when the client goes away, or is sent away as its token died. */
  gone: AbortSignal;
  /** What the response is to carry beyond the usual, be it a reply or an error. */
  replyHeaders: Record<string, string>;
  /** What exactly was asked for, for the audit log. */
  detail?: string;
  /** The body as it was read, for the same. */
  input?: unknown;
}

/** What stands below an endpoint's path, decoded: an id, which may hold slashes. `bad_request` when it cannot be read. */
export function nameBelow({ path }: Pick<Exchange, "path">, base: string): string {
  try {
    return decodeURIComponent(path.slice(base.length + 1));
  } catch {
    throw new AppError("bad_request", `${path.slice(0, 200)} is not percent-encoded as it should be`);
  }
}
