import type { McpAnswer } from "../../protocol/mcp.ts";
import { allOver, callsAsking, type CallUnderWay, toCalls } from "./callsUnderWay.ts";
import type { Questions, Wanted } from "./questions.ts";

/** What of a server says whom it may ask, and for how long. */
export interface Asker {
  name: string;
  parts: { questions: Questions };
  calls: number;
  underWay: ReadonlySet<CallUnderWay>;
  called: AbortController;
  closed: AbortController;
}

/** Asks the user what a server wants of them, until the calls are over that it may be for. */
export async function askUser(server: Asker, wanted: Wanted, withdrawn: AbortSignal): Promise<McpAnswer> {
  // Asked while nobody calls it, it would be asked out of the blue.
  if (server.calls === 0) return { action: "cancel" };
  const calls = callsAsking(server.underWay);
  const over = calls.length > 0 ? allOver(calls) : server.called.signal;
  for (const call of calls) call.asking += 1;
  try {
    const signal = AbortSignal.any([withdrawn, over, server.called.signal, server.closed.signal]);
    return await server.parts.questions.ask(server.name, { ...wanted, ...toCalls(calls) }, signal);
  } finally {
    for (const call of calls) {
      call.asking -= 1;
      if (call.asking === 0) call.answered?.();
    }
  }
}
