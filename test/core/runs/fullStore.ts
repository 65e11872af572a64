import { AppError } from "../../../src/base/appError.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { RunFact } from "../../../src/protocol/event.ts";

/** A store whose disk is full, or that says what else is given, when a fact of this type is first to be stored. */
export function fullAt(
  type: RunFact["type"],
  code: "unavailable" | "conflict" = "unavailable",
): (store: Store) => Store {
  let wasFull = false;
  return (store) => ({
    ...store,
    async commit(batch) {
      const facts = (batch.facts ?? []).flatMap((one) => one.facts);
      if (wasFull || !facts.some((fact) => fact.type === type)) return store.commit(batch);
      wasFull = true;
      throw new AppError(code, "The disk is full; nothing was stored");
    },
  });
}
