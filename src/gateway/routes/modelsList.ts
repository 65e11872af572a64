import * as z from "zod";
import { defineRoute } from "../route.ts";
import { modelShape } from "../shapes/model.ts";

export const modelsList = defineRoute({
  name: "models.list",
  verb: "GET",
  scope: "read",
  summary: "The models of all providers, those that are ready first.",
  input: z.strictObject({}),
  output: z.strictObject({
    count: z.int(),
    models: z.array(modelShape),
    default: z.string().nullable().describe("What a session without a model uses, when one is configured."),
  }),
  async handle(core, _input, call) {
    const models = await core.models.list(call.signal);
    return { count: models.length, models, default: core.settings().model ?? null };
  },
});
