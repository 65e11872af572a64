import type { ProviderEntry } from "../../src/core/models/catalog.ts";
import type { ModelEvent, ModelRequest, Provider } from "../../src/core/ports/provider.ts";
import type { ModelPrice } from "../../src/protocol/model.ts";
import type { Usage } from "../../src/protocol/usage.ts";

export const SOME_USAGE: Usage = {
  inputTokens: 10,
  outputTokens: 5,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: null,
};

/** What the model does in one request: pieces in order, or a function of the request that gives them. */
export type Turn = Piece[] | ((request: ModelRequest, signal: AbortSignal) => Piece[] | Promise<Piece[]>);
export type Piece = ModelEvent | string | { wait: Promise<unknown> } | { fail: Error };

export interface ScriptedProvider extends ProviderEntry {
  requests: ModelRequest[];
  /** Used in order; when they have run out the model says "ok". */
  turns: Turn[];
}

export function call(name: string, input: unknown, id = `call_${name}`): ModelEvent {
  return { type: "toolCall", id, name, input };
}

/** A provider with one model, "test/m" by default, that follows a script, for tests of what is above providers. */
export function createScriptedProvider(
  turns: Turn[] = [],
  options: { id?: string; windowTokens?: number; price?: ModelPrice | null } = {},
): ScriptedProvider {
  const id = options.id ?? "test";
  const requests: ModelRequest[] = [];
  const provider: Provider = {
    id,
    models: async () => [
      {
        id: `${id}/m`,
        provider: id,
        name: "m",
        ready: true,
        windowTokens: options.windowTokens ?? 100_000,
        ...(options.price === null ? {} : { price: options.price ?? { inputPerMTok: 1, outputPerMTok: 2 } }),
      },
    ],
    async *stream(request, signal) {
      requests.push(request);
      const turn = script.turns.shift() ?? ["ok"];
      const pieces = typeof turn === "function" ? await turn(request, signal) : turn;
      let calls = 0;
      let ended = false;
      for (const piece of pieces) {
        signal.throwIfAborted();
        if (typeof piece === "string") yield { type: "text", text: piece };
        else if ("wait" in piece) await untilDone(piece.wait, signal);
        else if ("fail" in piece) throw piece.fail;
        else {
          if (piece.type === "toolCall") calls += 1;
          if (piece.type === "end") ended = true;
          yield piece;
        }
      }
      if (!ended) yield { type: "end", usage: SOME_USAGE, stop: calls > 0 ? "tool_calls" : "done" };
    },
  };
  const script: ScriptedProvider = { provider, matches: (name) => id === "test" && name === "m", requests, turns };
  return script;
}

function untilDone(wait: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    wait.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
