import { computed, signal } from "@preact/signals";
import type { ModelInfo } from "../../src/protocol/model.ts";
import type { Gateway } from "./panelRoutes.ts";

export type ModelList = ReturnType<typeof createModelList>;

export const DEMO_MODEL = "offline/demo";

/** The models the gateway knows; undefined until it has answered. */
export function createModelList(gateway: Gateway) {
  const models = signal<ModelInfo[] | undefined>();
  return {
    models,
    /** No model but the scripted demo could answer now. */
    isUnset: computed(
      () => models.value !== undefined && !models.value.some(({ id, ready }) => ready && id !== DEMO_MODEL),
    ),
    find: (id: string) => models.value?.find((model) => model.id === id),
    async refresh() {
      models.value = (await gateway.call("models.list", {})).models;
    },
  };
}
