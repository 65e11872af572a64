import type * as z from "zod";
import type { Core } from "../core/core.ts";
import type { Origin } from "../protocol/message.ts";
import type { GatewayEvent } from "../protocol/event.ts";

/** What a token may do: each includes the ones before it. */
export type Scope = "read" | "write" | "admin";

/** Who calls, and until when. */
export interface Call {
  origin: Origin;
  /** Aborts when the client goes away. Runs go on: only the waiting ends. */
  signal: AbortSignal;
  scope: Scope;
}

/**
 * One operation: `POST /api/sessions/send`, the WebSocket method `sessions.send`, a typed call in the webview and an
 * entry of /openapi.json, all from one value. A route is one file, and one line in routes/index.ts.
 */
export interface Route<Name extends string = string, Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  name: Name;
  verb: "GET" | "POST";
  /** Other names it answers to. */
  aliases?: string[];
  scope: Scope;
  /** One sentence for the documentation. */
  summary: string;
  input: Input;
  output: Output;
  /** HTTP status of an answer; 200 when not given. */
  status?(output: z.output<Output>): number;
  handle(core: Core, input: z.output<Input>, call: Call): Promise<z.output<Output>>;
  /** The same call as a stream of events: for `Accept: text/event-stream`, and for subscriptions over a wire. */
  stream?(core: Core, input: z.output<Input>, call: Call): AsyncIterable<GatewayEvent>;
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
