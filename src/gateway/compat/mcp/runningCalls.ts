import { type Disposable, toDisposable } from "../../../base/disposable.ts";
import type { Exchange } from "../../http/endpoint.ts";

/** Calls under way, so that a client that says it in another request can stop them. */
export interface RunningCalls {
  add(exchange: Exchange, id: unknown, stop: AbortController): Disposable;
  /** Stops the call of this id, when the client has exactly one: clients under one token count their calls alike. */
  cancel(exchange: Exchange, id: unknown): void;
}

export function createRunningCalls(): RunningCalls {
  const calls = new Map<string, Set<AbortController>>();
  const keyOf = ({ principal, headers }: Exchange, id: unknown) =>
    JSON.stringify([principal?.name, headers.get("user-agent"), id]);
  return {
    add(exchange, id, stop) {
      const key = keyOf(exchange, id);
      const own = calls.get(key) ?? new Set();
      calls.set(key, own.add(stop));
      return toDisposable(() => {
        own.delete(stop);
        if (own.size === 0 && calls.get(key) === own) calls.delete(key);
      });
    },
    cancel(exchange, id) {
      const own = [...(calls.get(keyOf(exchange, id)) ?? [])];
      if (own.length === 1) own[0]!.abort("The client stopped the call");
    },
  };
}
