import { onAbort, within } from "../../base/wait.ts";
import type { Clock } from "../../base/clock.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Waited } from "../ports/agent.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { Store } from "../ports/store.ts";
import { waitingToJoin } from "./joinWaiting.ts";

/** Waits until sub-agents of the run's session, or with `any` the first of them, have nothing left to do; or a message for the run has come. */
export async function waitSpawned(
  run: RunRecord,
  { keys, any, timeoutMs, signal }: { keys: string[]; any: boolean; timeoutMs: number; signal: AbortSignal },
  { store, events, clock }: { store: Store; events: EventBus; clock: Clock },
): Promise<Waited> {
  const until = clock.now() + timeoutMs;
  for (;;) {
    // Listened to before it is looked, so that nothing is missed in between.
    const change = nextChange(events, signal);
    try {
      const open = await Promise.all(keys.map(async (key) => (await hasWork(store, run.sessionKey, key)) && key));
      const atWork = open.filter((key) => key !== false);
      const come = await waitingToJoin(store, run);
      const interrupted = come.some(({ joins }) => joins?.runId !== undefined);
      // A result that is there to be read is the first, though its sub-agent had ended before.
      const enough = atWork.length === 0 || (any && (atWork.length < keys.length || come.length > 0));
      const left = until - clock.now();
      if (enough || interrupted || left <= 0) {
        const ended = keys.filter((key) => !atWork.includes(key));
        const outcomes = await Promise.all(ended.map((key) => outcomeOf(store, key)));
        return { ended: outcomes.flat(), atWork, isOver: enough, interrupted };
      }
      await within(clock, left, change.promise, signal);
      signal.throwIfAborted();
    } finally {
      change.dispose();
    }
  }
}

// Of more than these the newest are waited for.
const MOST_CHILDREN = 500;

/** The sub-agents of a session that have something left to do, themselves or below them. */
export async function atWork(store: Store, sessionKey: string): Promise<string[]> {
  const { sessions } = await store.listSessions({ parentKey: sessionKey, limit: MOST_CHILDREN });
  const found = await Promise.all(sessions.map(async ({ key }) => (await hasWork(store, sessionKey, key)) && key));
  return found.filter((key) => key !== false);
}

/** Whether a sub-agent of a session, or what works for it, has not ended. */
async function hasWork(store: Store, parentKey: string, sessionKey: string): Promise<boolean> {
  const own = await store.listRuns({ sessionKey, states: ["queued", "running"], limit: 1000 });
  if (own.some(({ spawn }) => spawn?.to === parentKey)) return true;
  return (await store.listSpawned(sessionKey)).length > 0;
}

async function outcomeOf(store: Store, sessionKey: string): Promise<Waited["ended"]> {
  const [newest] = await store.listRuns({ sessionKey, states: ["finished"], limit: 1 });
  return newest?.outcome ? [{ sessionKey, outcome: newest.outcome.type }] : [];
}

/** Resolves when some run has come, ended or gone. */
export function nextChange(events: EventBus, signal: AbortSignal): { promise: Promise<void>; dispose(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = events.on(({ type }) => {
    if (type === "run.finished" || type === "run.queued" || type === "session.deleted") resolve();
  });
  const gone = onAbort(signal, resolve);
  return {
    promise,
    dispose() {
      subscription.dispose();
      gone.dispose();
    },
  };
}
