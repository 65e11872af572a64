import { systemClock } from "../base/clock.ts";
import { within } from "../base/wait.ts";

/** What a page answers with; undefined when it takes longer, or fails. */
export function inTime<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  return within(
    systemClock,
    ms,
    answer.catch(() => undefined),
  );
}
