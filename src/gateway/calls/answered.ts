import type { IdempotencyRecord, Keep } from "../../core/ports/batch.ts";

/** Does `work` and makes its result the answer of a call. `work` stores the record that `kept` gives it in the same batch as what it does, so that the answer is replayed after a crash. */
export async function answered<Made, Answer>(
  keep: (answer: Answer) => IdempotencyRecord[],
  toAnswer: (made: Made) => Answer,
  work: (kept: Keep<Made>) => Promise<Made>,
): Promise<Answer> {
  return toAnswer(await work((made) => keep(toAnswer(made))));
}
