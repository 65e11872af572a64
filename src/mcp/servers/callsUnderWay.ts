import { AsyncLocalStorage } from "node:async_hooks";
import { onAbort } from "../../base/wait.ts";
import type { McpQuestion } from "../../protocol/mcp.ts";

/** A call of a tool that is not over, for a server may ask its user something meanwhile. */
export interface CallUnderWay {
  sessionKey: string;
  tool: string;
  over: AbortController;
  /** Questions that may be of it. */
  asking: number;
  /** The last of them is over: its own time begins anew. */
  answered?: () => void;
}

const inside = new AsyncLocalStorage<CallUnderWay>();

/** Does something as part of a call: what is read of the answer to it is known to be of it. */
export function asPartOf<T>(call: CallUnderWay, work: () => T): T {
  return inside.run(call, work);
}

/** Does something that goes on when the call is over, which it is none of. */
export function beyondCalls<T>(work: () => T): T {
  return inside.exit(work);
}

/** Those that a question asked now may be of: the one that it is of, where that is known. */
export function callsAsking(underWay: ReadonlySet<CallUnderWay>): CallUnderWay[] {
  const own = inside.getStore();
  return own && underWay.has(own) ? [own] : [...underWay];
}

/** For people; absent where there are none, as when a document is read. */
export function toCalls(calls: CallUnderWay[]): Pick<McpQuestion, "calls"> {
  const told = calls.map(({ sessionKey, tool }) => ({ sessionKey, tool }));
  return told.length > 0 ? { calls: told } : {};
}

/** Aborts when all of them are over. */
export function allOver(calls: CallUnderWay[]): AbortSignal {
  const all = new AbortController();
  let left = calls.length;
  for (const { over } of calls) {
    onAbort(over.signal, () => {
      left -= 1;
      if (left === 0) all.abort();
    });
  }
  return all.signal;
}
