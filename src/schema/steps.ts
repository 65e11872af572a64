/** How much work one check may still do, so that no schema and no text holds a process up. */
export interface Steps {
  left: number;
}

/** Thrown when a check has used up its steps. */
export class OutOfSteps extends Error {}

/** Takes `count` of them. */
export function take(steps: Steps, count = 1): void {
  steps.left -= count;
  if (steps.left < 0) throw new OutOfSteps("Too much to check");
}
