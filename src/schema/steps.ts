/** How much work one check may still do, so that no schema and no text holds a process up. */
export interface Steps {
  left: number;
  /** How deep it is in the schema by now: a stack has an end. */
  depth?: number;
}

const MOST_DEPTH = 300;

/** Thrown when a check has used up its steps. */
export class OutOfSteps extends Error {}

/** Takes `count` of them. */
export function take(steps: Steps, count = 1): void {
  steps.left -= count;
  if (steps.left < 0) throw new OutOfSteps("Too much to check");
}

/** Does something one level deeper. */
export function deeper<T>(steps: Steps, work: () => T): T {
  steps.depth = (steps.depth ?? 0) + 1;
  if (steps.depth > MOST_DEPTH) throw new OutOfSteps("Too deep to check");
  const result = work();
  steps.depth -= 1;
  return result;
}
