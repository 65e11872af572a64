import { AppError } from "../base/appError.ts";
import type { Clock } from "../base/clock.ts";
import { visibleLine } from "../base/visible.ts";
import type { ModelInfo } from "../protocol/model.ts";
import type { Models } from "./core.ts";
import type { Provider } from "./ports/provider.ts";
import type { AgentSettings } from "./ports/settings.ts";

/** A provider as configured, with the bare model names that are its own. */
export interface ProviderEntry {
  provider: Provider;
  matches(name: string): boolean;
}

export interface ModelCatalog extends Models {
  /** The provider of a full id. unavailable when it is no longer configured. */
  provider(id: string): Provider;
  /** What is known of a model, its configured price included. */
  info(id: string): Promise<ModelInfo | undefined>;
}

const FRESH_MS = 30_000;

export function createModelCatalog(options: {
  entries: () => ProviderEntry[];
  settings: () => AgentSettings;
  clock: Clock;
}): ModelCatalog {
  const { entries, settings, clock } = options;
  const cache = new WeakMap<Provider, { at: number; models: Promise<ModelInfo[]> }>();

  const modelsOf = (provider: Provider, signal?: AbortSignal): Promise<ModelInfo[]> => {
    const cached = cache.get(provider);
    if (cached && clock.now() - cached.at < FRESH_MS) return cached.models;
    const models = provider.models(signal);
    cache.set(provider, { at: clock.now(), models });
    // A key or a server may come any moment; what could not be used is asked for again.
    void models.then((found) => {
      if (cache.get(provider)?.models === models && found.some(({ ready }) => !ready)) cache.delete(provider);
    });
    return models;
  };

  const list = async (signal?: AbortSignal): Promise<ModelInfo[]> => {
    const all = (await Promise.all(entries().map((entry) => modelsOf(entry.provider, signal)))).flat();
    const priced = all.map((model) => withPrice(model, settings()));
    return [...priced.filter((model) => model.ready), ...priced.filter((model) => !model.ready)];
  };

  const info = async (id: string): Promise<ModelInfo | undefined> => {
    const entry = entries().find((item) => item.provider.id === providerOf(id));
    const found = entry && (await modelsOf(entry.provider)).find((model) => model.id === id);
    return found && withPrice(found, settings());
  };

  const find = async (id: string): Promise<string> => {
    const candidates = id.includes("/") ? entries().filter((entry) => entry.provider.id === providerOf(id)) : entries();
    const name = candidates.length > 0 && id.includes("/") ? id.slice(id.indexOf("/") + 1) : id;
    for (const entry of candidates) {
      if (name !== "" && (entry.matches(name) || (await modelsOf(entry.provider)).some((model) => model.name === name)))
        return `${entry.provider.id}/${name}`;
    }
    const known = (await list()).filter((model) => model.ready).map((model) => model.id);
    throw new AppError(
      "bad_request",
      `No model ${JSON.stringify(visibleLine(id, 80))} is known. Ready now: ${known.slice(0, 12).join(", ") || "none"}.`,
    );
  };

  return {
    list,
    info,
    async resolve(id) {
      if (id !== undefined) return find(id);
      const preferred = settings().model;
      if (preferred !== undefined) return find(preferred);
      const first = (await list()).find((model) => model.ready);
      if (!first)
        throw new AppError(
          "unavailable",
          "No model is set up. Set an API key, or configure a provider in openclaw.yml.",
        );
      return first.id;
    },
    provider(id) {
      const entry = entries().find((item) => item.provider.id === providerOf(id));
      if (!entry) throw new AppError("unavailable", `The provider of ${id} is no longer configured`);
      return entry.provider;
    },
  };
}

export function providerOf(modelId: string): string {
  return modelId.slice(0, Math.max(modelId.indexOf("/"), 0));
}

function withPrice(model: ModelInfo, settings: AgentSettings): ModelInfo {
  const own = settings.prices[model.id];
  return own ? { ...model, price: own } : model;
}
