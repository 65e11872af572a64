import { faultsOf } from "./matchKeywords.ts";
import type { ReadSchema, SchemaFault } from "./readSchema.ts";
import { OutOfSteps, type Steps } from "./steps.ts";

const MOST_STEPS = 1_000_000;
const MOST_FAULTS = 20;

/** What is checked of one reply, or one call, is bounded as a whole. */
export function newSteps(): Steps {
  return { left: MOST_STEPS };
}

/** None when the value fits. The first ones when there are many. */
export function schemaFaults(schema: ReadSchema, value: unknown, steps = newSteps()): SchemaFault[] {
  steps.depth = 0;
  try {
    return faultsOf(schema, steps, value)
      .slice(0, MOST_FAULTS)
      .map(({ path, message }) => ({ path, message }));
  } catch (error) {
    if (error instanceof OutOfSteps) return [{ path: "", message: "It takes too long to check: make it smaller" }];
    throw error;
  }
}
