import type { ErrorBody } from "./error.ts";
import type { GatewayEvent } from "./event.ts";
import type { Wire } from "./frame.ts";

/** Name of each route with what goes in and what comes out; `gateway/routes/index.ts` derives the real one. */
export type RouteShapes = Record<string, { input: unknown; output: unknown }>;

/** What is told whoever asks of a gateway that has closed, or over a wire that was cut. */
export function goneAway(reason: string): ErrorBody {
  return { code: "unavailable", message: `The gateway went away: ${reason}` };
}

/** A typed caller of the gateway's routes over any wire. */
export interface Client<R extends RouteShapes> {
  /** Rejects with `toError(body)` when the route answers with an error, or when the wire closes first. */
  call<N extends keyof R & string>(method: N, params: R[N]["input"]): Promise<R[N]["output"]>;
  onEvent(listener: (event: GatewayEvent) => void): { dispose(): void };
  onClose(listener: (reason: string) => void): { dispose(): void };
  close(): void;
}

export interface ClientOptions {
  toError?: (body: ErrorBody) => Error;
}

export function createClient<R extends RouteShapes>(wire: Wire, options: ClientOptions = {}): Client<R> {
  const toError = options.toError ?? ((body: ErrorBody) => Object.assign(new Error(body.message), body));
  const waiting = new Map<string, { resolve(payload: unknown): void; reject(error: Error): void }>();
  const listeners = new Set<(event: GatewayEvent) => void>();
  let nextId = 1;
  let closed: string | undefined;

  wire.onFrame((frame) => {
    if (frame.type === "event") {
      for (const listener of [...listeners]) listener(frame.payload);
      return;
    }
    if (frame.type !== "res") return;
    const call = waiting.get(frame.id);
    waiting.delete(frame.id);
    if (frame.ok) call?.resolve(frame.payload);
    else call?.reject(toError(frame.error));
  });
  wire.onClose((reason) => {
    closed = reason;
    for (const call of waiting.values()) call.reject(toError(goneAway(reason)));
    waiting.clear();
  });

  return {
    call(method, params) {
      if (closed !== undefined) {
        return Promise.reject(toError(goneAway(closed)));
      }
      const id = String(nextId++);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (payload: unknown) => void, reject });
        wire.send({ type: "req", id, method, params });
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onClose: (listener) => wire.onClose(listener),
    close: () => wire.close(),
  };
}
