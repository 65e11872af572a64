import { once } from "../../src/base/oncePer.ts";

const GLOBAL = Symbol.for("undici.globalDispatcher.1");
const held = globalThis as unknown as Record<symbol, Dispatcher & { constructor: new (options: object) => Dispatcher }>;

interface Dispatcher {
  dispatch(options: object, ...given: unknown[]): unknown;
}

const MOMENT_MS = 100;

/** Of what carries the global fetch one more, that waits so long for an answer's headers. */
function createDispatcher(headersTimeout: number): Dispatcher {
  // The global one is made when fetch is first asked for.
  void globalThis.fetch;
  return new held[GLOBAL]!.constructor({ headersTimeout });
}

/** What carries the global fetch, where it waits a moment for an answer's headers instead of five minutes. */
const impatientDispatcher = once(() => createDispatcher(MOMENT_MS));

/** Puts it in place of the one that carries all else. Returns what undoes that. */
export function beImpatient(): () => void {
  const dispatcher = impatientDispatcher();
  const before = held[GLOBAL]!;
  held[GLOBAL] = dispatcher as typeof before;
  return () => void (held[GLOBAL] = before);
}

const carriedBy =
  (dispatcher: () => Dispatcher): typeof fetch =>
  (input, init) =>
    globalThis.fetch(input, { ...init, dispatcher: dispatcher() } as RequestInit);

/** The global fetch, so carried. */
export const impatientFetch = carriedBy(impatientDispatcher);

/** Another, which is as patient as any until it is told not to be; its connections are kept all the while. */
export function createTiringFetch(): { fetch: typeof fetch; tire(): void } {
  const patient = createDispatcher(300_000);
  let own = {};
  const dispatch: Dispatcher["dispatch"] = (options, ...given) => patient.dispatch({ ...options, ...own }, ...given);
  return { fetch: carriedBy(() => ({ dispatch })), tire: () => void (own = { headersTimeout: MOMENT_MS }) };
}
