import { once } from "../../src/base/oncePer.ts";

const GLOBAL = Symbol.for("undici.globalDispatcher.1");
const held = globalThis as unknown as Record<symbol, { constructor: new (options: object) => object }>;

/** What carries the global fetch, where it waits a moment for an answer's headers instead of five minutes. */
const impatientDispatcher = once(() => {
  // It is made when fetch is first asked for.
  void globalThis.fetch;
  return new held[GLOBAL]!.constructor({ headersTimeout: 100 });
});

/** Puts it in place of the one that carries all else. Returns what undoes that. */
export function beImpatient(): () => void {
  const dispatcher = impatientDispatcher();
  const before = held[GLOBAL]!;
  held[GLOBAL] = dispatcher as typeof before;
  return () => void (held[GLOBAL] = before);
}

/** The global fetch, so carried. */
export const impatientFetch: typeof fetch = (input, init) =>
  globalThis.fetch(input, { ...init, dispatcher: impatientDispatcher() } as RequestInit);
