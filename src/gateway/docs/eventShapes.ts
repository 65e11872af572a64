import * as z from "zod";
import { runFacts, runStamp, stateFacts, stateStamp } from "../../protocol/event.ts";

/** Events of runs, one schema per type. */
export const runEventShapes = runFacts.map((fact) => fact.extend(runStamp.shape).describe(fact.description!));

/** Changes outside of any run, one schema per type. */
export const stateEventShapes = stateFacts.map((fact) => fact.extend(stateStamp.shape).describe(fact.description!));

type EventShape = (typeof runEventShapes)[number] | (typeof stateEventShapes)[number];

/** Every event that is told, by the name that documents give its schema: "run.queued" is a RunQueuedEvent. */
export const eventShapes: Record<string, EventShape> = Object.fromEntries(
  [...runEventShapes, ...stateEventShapes].map((shape) => [nameOf(shape.shape.type.value), shape]),
);

/** What the streams tell: that of one run, and that of all. */
export const streamShapes = {
  RunEvent: z.union(runEventShapes),
  GatewayEvent: z.union([...runEventShapes, ...stateEventShapes]),
};

function nameOf(type: string): string {
  const words = type.split(".").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}Event`;
}
