import { AppError, toErrorBody } from "../../base/appError.ts";
import type { RunOutcome, RunRecord } from "../../protocol/run.ts";
import type { EventBus } from "../ports/eventBus.ts";

/** How runs end that somebody here waits for, whichever process they run in. */
export interface Outcomes {
  /**
   * `outcome` resolves with how it ended, or with what `tell` says before; `end` with how it ended, once that is stored. To
   * be asked for before the run is stored.
   */
  expect(run: RunRecord): Record<"outcome" | "end", Promise<RunOutcome>>;
  /**
   * Resolves when its end is told, or its session's. Its row is to be looked at after this is asked for, and `settle` called when it has
   * ended. `onStuck` is told each time that the run waits for a store that takes nothing.
   */
  ended(run: Pick<RunRecord, "id" | "sessionKey">, onStuck?: (error: AppError) => void): Promise<void>;
  settle(id: string): void;
  /** Its end cannot be stored yet, by which error: whoever waits learns it all the same. */
  tell(id: string, outcome: RunOutcome, unstored: AppError): void;
  /** Resolves when the run is stored and waits for a store that takes nothing. */
  stuck(run: Pick<RunRecord, "id">): Promise<AppError>;
  /** The store takes nothing: whoever waits for a run that `isMeant` learns why. */
  stick(error: unknown, isMeant: (run: { id: string; sessionKey: string }) => boolean): void;
  /** It was not stored. */
  forget(run: RunRecord): void;
  close(): void;
}

interface Expected extends Record<"outcome" | "end", PromiseWithResolvers<RunOutcome>> {
  sessionKey: string;
  stuck: PromiseWithResolvers<AppError>;
}

interface Waiting {
  sessionKey: string;
  resolve(): void;
  onStuck(error: AppError): void;
}

export function createOutcomes(events: Pick<EventBus, "on">): Outcomes {
  const expected = new Map<string, Expected>();
  const waiting = new Map<string, Waiting[]>();
  const settle = (id: string): void => {
    for (const { resolve } of waiting.get(id) ?? []) resolve();
    waiting.delete(id);
  };
  const endAs = (id: string, how: RunOutcome): void => {
    expected.get(id)?.outcome.resolve(how);
    expected.get(id)?.end.resolve(how);
    expected.delete(id);
  };
  const subscription = events.on((event) => {
    if (event.type === "session.deleted") {
      // Their rows went with it, and nobody will tell of their ends any more.
      for (const [id, { sessionKey }] of expected)
        if (sessionKey === event.sessionKey) endAs(id, { type: "cancelled", reply: "" });
      for (const [id, [first]] of waiting) if (first?.sessionKey === event.sessionKey) settle(id);
      return;
    }
    if (event.type !== "run.finished") return;
    endAs(event.runId, event.outcome);
    settle(event.runId);
  });
  return {
    expect({ id, sessionKey }) {
      const outcome = Promise.withResolvers<RunOutcome>();
      const end = Promise.withResolvers<RunOutcome>();
      expected.set(id, { sessionKey, outcome, end, stuck: Promise.withResolvers() });
      return { outcome: outcome.promise, end: end.promise };
    },
    ended: ({ id, sessionKey }, onStuck = () => {}) =>
      new Promise((resolve) => {
        waiting.set(id, [...(waiting.get(id) ?? []), { sessionKey, resolve, onStuck }]);
      }),
    settle,
    tell(id, outcome, unstored) {
      expected.get(id)?.outcome.resolve(outcome);
      for (const { onStuck } of waiting.get(id) ?? []) onStuck(unstored);
    },
    stuck: ({ id }) => expected.get(id)?.stuck.promise ?? new Promise(() => {}),
    stick(error, isMeant) {
      const reason = toErrorBody(error).message.replace(/; nothing was stored$/, "");
      const why = (id: string) =>
        new AppError("unavailable", `Run ${id} is stored and goes on as soon as it can: ${reason}`);
      for (const [id, { sessionKey, stuck }] of expected) if (isMeant({ id, sessionKey })) stuck.resolve(why(id));
      for (const [id, all] of waiting)
        for (const { sessionKey, onStuck } of all) if (isMeant({ id, sessionKey })) onStuck(why(id));
    },
    forget: ({ id }) => expected.delete(id),
    close: () => subscription.dispose(),
  };
}
