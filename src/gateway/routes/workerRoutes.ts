import * as z from "zod";
import { defineRoute } from "../calls/route.ts";
import { deltaShape, stateFactShape } from "../../protocol/event.ts";
import { sessionKey } from "../../protocol/session.ts";

const MOST = 10_000;

export const workersTell = defineRoute({
  name: "workers.tell",
  verb: "POST",
  http: "none",
  // Whoever may say what the agent does.
  scope: "admin",
  summary:
    "Tells everybody what a window that works beside this gateway tells; what it has stored is read from the store.",
  input: z.strictObject({
    deltas: z
      .array(z.strictObject({ sessionKey, runId: z.string().max(200), baseId: z.int().min(0), fact: deltaShape }))
      .max(MOST),
    facts: z.array(stateFactShape).max(MOST),
  }),
  output: z.strictObject({}),
  async handle(core, { deltas, facts }) {
    core.hear({
      deltas: deltas.map(({ sessionKey, runId, ...delta }) => ({ ...delta, source: { sessionKey, runId } })),
      facts,
    });
    return {};
  },
});
