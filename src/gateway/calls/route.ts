import type * as z from "zod";
import type { LogLine } from "../../base/logTail.ts";
import type { Core } from "../../core/core.ts";
import type { IdempotencyRecord, Keep } from "../../core/ports/batch.ts";
import type { AuditRecord } from "../../protocol/audit.ts";
import type { DeliveryAnswer, ListedHook } from "../../protocol/hooks/hook.ts";
import type { Origin } from "../../protocol/message.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";
import type { PhoneDesk } from "./phoneDesk.ts";
import type { Rights, Scope } from "./scope.ts";

/** Who calls, and until when. */
export interface Call {
  origin: Origin;
  /** Aborts when the client goes away. Runs go on: only the waiting ends. */
  signal: AbortSignal;
  scope: Rights;
  /** The gateway itself, for the routes that are about it. */
  gateway: GatewayControl;
  /** The caller's subscriptions; only a wire has them. */
  subscriptions?: Subscriptions;
  /**
   * What is to be put down together with what the call does, so that this is replayed for its idempotency key should the
   * gateway die before it answers.
   */
  keep(answer: unknown): IdempotencyRecord[];
  /** The gateway died in the same call before, and nobody knows how far it came: what it was to end may be ended by it. */
  isRepeat: boolean;
}

/** What routes may ask of the gateway they are served by. */
export interface GatewayControl {
  status(): { version: string; url: string; pid: number; startedAt: string; connections: number };
  /** The new token. The old one is dead when this resolves; its open sockets close within a second. */
  rotateToken(name?: string): Promise<string>;
  /** Absent where nothing is recorded. */
  audit?: AuditReader;
  logs?: LogReader;
  hooks: HookDesk;
  phones: PhoneDesk;
}

/** Shows the webhooks to those who set them up, and tries one without a sender. */
export interface HookDesk {
  list(): ListedHook[];
  /** `not_found` when there is none of that name. */
  test(name: string, trial: { payload: unknown; send: boolean }, keep: Keep<HookTrial>): Promise<HookTrial>;
}

export interface HookTrial {
  hook: ListedHook;
  text: string | null;
  missing: string[];
  delivery: DeliveryAnswer | null;
}

/** Reads the audit log, newest first: those before the record numbered `before`. */
export interface AuditReader {
  list(query: {
    limit: number;
    before?: number;
    kind?: AuditRecord["kind"];
  }): Promise<{ records: AuditRecord[]; hasMore: boolean }>;
}

/** Reads the newest lines of the log, oldest first, secrets removed. */
export interface LogReader {
  tail(lines: number, level?: LogLine["level"]): LogLine[];
}

/** Streams of events that go out as frames on one wire. */
export interface Subscriptions {
  /** Starts at once; ends with the wire, or when removed. `conflict` beyond a handful. */
  add(open: (signal: AbortSignal) => AsyncIterable<GatewayEvent[]>): string;
  /** False when there is none of that id. */
  remove(id: string): boolean;
}

/**
 * One operation: `POST /api/sessions/send`, the WebSocket method `sessions.send`, a typed call in the webview and an
 * entry of /openapi.json, all from one value. A route is one value in its family's file, which is one line in routes/index.ts.
 */
export interface Route<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  name: Name;
  verb: "GET" | "POST";
  /** Other names it answers to. */
  aliases?: string[];
  /** Its path, where that is not the one of its name. */
  path?: string;
  /** Over HTTP it always answers with events ("stream"), or is not served at all ("none"). */
  http?: "stream" | "none";
  scope: Scope;
  /** Which right of a paired phone lets it call this; absent: none does. */
  phone?: PhoneScope;
  /** One sentence for the documentation. */
  summary: string;
  input: Input;
  output: Output;
  /** Its answer holds a secret: never kept for replay. */
  secret?: true;
  /** The caller's own token dies by it, and is answered all the same. */
  farewell?: true;
  /** Turns other accepted forms of the input into the documented one, before the schema is applied. */
  prepare?(input: Record<string, unknown>): Record<string, unknown>;
  /** HTTP status of an answer; 200 when not given. */
  status?(output: z.output<Output>): number;
  handle(core: Core, input: z.output<Input>, call: Call): Promise<z.output<Output>>;
  /** Goes on with a call that was cut off in its wait, by what it had kept. Its answers of status 202 then tell that the wait ended. */
  goOn?(core: Core, begun: z.output<Output>, input: z.output<Input>, call: Call): Promise<z.output<Output>>;
  /** The same call as a stream of events: for `Accept: text/event-stream`, and for subscriptions over a wire. */
  stream?(core: Core, input: z.output<Input>, call: Call): Promise<AsyncIterable<GatewayEvent[]>>;
}

/** Types a route literal by its own schemas. */
export function defineRoute<const Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  route: Route<Name, Input, Output>,
): Route<Name, Input, Output> {
  return route;
}

/** "sessions.send" -> "/api/sessions/send". */
export function toPath(name: string): string {
  return `/api/${name.replaceAll(".", "/")}`;
}

/** A route whose schemas are not known to the reader: what tables of routes hold. */
export type AnyRoute = Route;
