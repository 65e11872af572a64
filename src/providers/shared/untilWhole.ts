import type { Clock } from "../../base/clock.ts";
import { within } from "../../base/wait.ts";

/**
 * The events of an answer. Once it is whole, a connection that breaks off takes nothing back, and one that is left open is
 * waited for no longer than `graceMs`: what was used may be told behind the last word.
 */
export async function* untilWhole<T>(
  stream: AsyncIterable<T>,
  isWhole: () => boolean,
  { clock, graceMs }: { clock: Clock; graceMs: number },
): AsyncGenerator<T, void> {
  const events = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = events.next();
      const event = isWhole() ? await within(clock, graceMs, next) : await next;
      if (!event || event.done) return;
      yield event.value;
    }
  } catch (error) {
    if (!isWhole()) throw error;
  } finally {
    // It may wait behind an event that never comes; the connection is closed by who opened it.
    events.return?.().catch(() => {});
  }
}
