import * as z from "zod";
import type { ModelInfo } from "../../protocol/model.ts";
import { defineRoute } from "../calls/route.ts";
import { modelShape, providerShape } from "../../protocol/model.ts";

export const modelsList = defineRoute({
  name: "models.list",
  verb: "GET",
  scope: "read",
  summary: "The models of all providers, those that are ready first.",
  input: z.strictObject({
    refresh: z.boolean().default(false).describe("Asks servers again that were asked less than half a minute ago."),
  }),
  output: z.strictObject({
    count: z.int(),
    models: z.array(modelShape),
    default: z.string().nullable().describe("What a session without a model uses; null when none is ready."),
  }),
  async handle(core, { refresh }, call) {
    const models = await core.models.list({ refresh, signal: call.signal });
    const { model } = core.settings();
    const usual = model === undefined ? models.find((item) => item.ready) : models.find((item) => isNamed(item, model));
    return { count: models.length, models, default: usual?.id ?? model ?? null };
  },
});

export const modelsProviders = defineRoute({
  name: "models.providers",
  verb: "GET",
  scope: "read",
  summary:
    "The providers, and where the key of each comes from: openclaw.yml, what the user stored, the environment, in this order.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), providers: z.array(providerShape) }),
  async handle(core) {
    const providers = await core.models.providers();
    return { count: providers.length, providers };
  },
});

/** Configurations may leave the provider out of a name that is known. */
function isNamed({ id, name }: ModelInfo, model: string): boolean {
  return id === model || name === model;
}
