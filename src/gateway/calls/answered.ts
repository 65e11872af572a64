import type { IdempotencyRecord, Keep } from "../../core/ports/batch.ts";

/** What a call answers with, by what `work` made; put down together with it by the `kept` that `work` is given. */
export async function answered<Made, Answer>(
  keep: (answer: Answer) => IdempotencyRecord[],
  toAnswer: (made: Made) => Answer,
  work: (kept: Keep<Made>) => Promise<Made>,
): Promise<Answer> {
  return toAnswer(await work((made) => keep(toAnswer(made))));
}
