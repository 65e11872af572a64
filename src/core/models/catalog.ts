import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { defined } from "../../base/defined.ts";
import type { KeySource, ModelInfo } from "../../protocol/model.ts";
import type { Models } from "../core.ts";
import type { OwnLimits } from "./rateLimiter.ts";
import { boundAnswer } from "./boundAnswer.ts";
import { createThrottle } from "./throttle.ts";
import type { Holds } from "../ports/hold.ts";
import type { Provider } from "../ports/provider.ts";
import type { AgentSettings } from "../ports/settings.ts";

/** A provider as configured, with the bare model names that are its own. */
export interface ProviderEntry {
  provider: Provider;
  matches(name: string): boolean;
  /** Where its key comes from; absent where it needs none of ours. */
  keySource?(): Promise<KeySource | undefined>;
  /** The user's own limits of its requests. */
  limits?: OwnLimits;
}

/** A model, ready to be asked. */
export interface ModelChoice {
  /** "provider/name". */
  model: string;
  provider: Provider;
  info?: ModelInfo;
}

export interface ModelCatalog extends Models {
  /** The model of a full id, its requests paced. unavailable when its provider is no longer configured. */
  choice(id: string): Promise<ModelChoice>;
  /** What is known of a model, its configured price included. */
  info(id: string): Promise<ModelInfo | undefined>;
  /** A provider has shown that its model's window is no larger than this. Held until the gateway stops. */
  learnWindow(id: string, tokens: number): void;
  /** The model's window, as known or as learned, in tokens. */
  window(choice: ModelChoice): number | undefined;
}

// How long a server's answer about its models is used. What needs no asking is never kept, so that a new key counts at once.
const FRESH_MS = 30_000;

export function createModelCatalog(options: {
  entries: () => ProviderEntry[];
  settings: () => AgentSettings;
  clock: Clock;
  /** Models that other processes alone can ask, each with where it is. */
  elsewhere?: () => ModelInfo[];
  /** Makes rate limits those of all processes together. */
  holds?: Holds;
}): ModelCatalog {
  const { entries, settings, clock, elsewhere = () => [] } = options;
  const throttle = createThrottle(clock, options.holds);
  const learned = new Map<string, number>();
  const windowOf = (id: string, known: number | undefined): number | undefined => {
    const found = learned.get(id);
    return found === undefined ? known : Math.min(found, known ?? Infinity);
  };
  const asked = new WeakMap<Provider, { at: number; models: Promise<ModelInfo[]> }>();

  const modelsOf = (provider: Provider, refresh = false): Promise<ModelInfo[]> => {
    if (!provider.listsFromServer) return provider.models();
    const kept = asked.get(provider);
    if (kept && !refresh && clock.now() - kept.at < FRESH_MS) return kept.models;
    // Without any caller's signal: the answer is for all of them.
    const models = provider.models();
    asked.set(provider, { at: clock.now(), models });
    // A server may come up any moment; what could not be used is asked for again.
    void models.then((found) => {
      const usable = found.length > 0 && found.every((model) => model.ready);
      if (!usable && asked.get(provider)?.models === models) asked.delete(provider);
    });
    return models;
  };

  const withLearned = (model: ModelInfo): ModelInfo => {
    const windowTokens = windowOf(model.id, model.windowTokens);
    return windowTokens === undefined ? model : { ...model, windowTokens };
  };

  const list = async ({ refresh, signal }: { refresh?: boolean; signal?: AbortSignal } = {}): Promise<ModelInfo[]> => {
    const own = (await Promise.all(entries().map((entry) => modelsOf(entry.provider, refresh)))).flat();
    const all = [...own, ...elsewhere().filter(({ id }) => !own.some((model) => model.id === id))];
    signal?.throwIfAborted();
    const priced = all.map((model) => withLearned(withPrice(model, settings())));
    return [...priced.filter((model) => model.ready), ...priced.filter((model) => !model.ready)];
  };

  const info = async (id: string): Promise<ModelInfo | undefined> => {
    const entry = entries().find((item) => item.provider.id === providerOf(id));
    const found = entry && (await modelsOf(entry.provider)).find((model) => model.id === id);
    const known = found ?? elsewhere().find((model) => model.id === id);
    return known && withLearned(withPrice(known, settings()));
  };

  const find = async (id: string): Promise<string> => {
    const candidates = id.includes("/") ? entries().filter((entry) => entry.provider.id === providerOf(id)) : entries();
    const name = candidates.length > 0 && id.includes("/") ? id.slice(id.indexOf("/") + 1) : id;
    for (const entry of candidates) {
      if (name !== "" && (entry.matches(name) || (await modelsOf(entry.provider)).some((model) => model.name === name)))
        return `${entry.provider.id}/${name}`;
    }
    const away = elsewhere().find((model) => model.id === id || model.name === id);
    if (away) return away.id;
    const known = (await list()).filter((model) => model.ready).map((model) => model.id);
    throw new AppError(
      "bad_request",
      `No model ${quotedLine(id)} is known. Ready now: ${known.slice(0, 12).join(", ") || "none"}.`,
    );
  };

  return {
    list,
    providers: () =>
      Promise.all(
        entries().map(async ({ provider, keySource }) => ({ id: provider.id, key: (await keySource?.()) ?? null })),
      ),
    info,
    learnWindow: (id, tokens) => void learned.set(id, Math.min(tokens, learned.get(id) ?? Infinity)),
    window: ({ model, info: known }) => windowOf(model, known?.windowTokens),
    async resolve(id) {
      if (id !== undefined) return find(id);
      const preferred = settings().model;
      if (preferred !== undefined) return find(preferred);
      // One after the other, so that a server that hangs is only waited for when nothing before it is ready.
      for (const entry of entries()) {
        const first = (await modelsOf(entry.provider)).find((model) => model.ready);
        if (first) return first.id;
      }
      throw new AppError("unavailable", "No model is set up. Set an API key, or configure a provider in openclaw.yml.");
    },
    async choice(id) {
      const entry = entries().find((item) => item.provider.id === providerOf(id));
      const known = await info(id);
      if (known?.at !== undefined)
        throw new AppError(
          "unavailable",
          `${id} is a model that ${known.at} alone can ask, and this session works where another process has its folder`,
        );
      if (!entry) throw new AppError("unavailable", `The provider of ${id} is no longer configured`);
      return {
        model: id,
        provider: throttle.over(boundAnswer(entry.provider), entry.limits),
        ...defined({ info: known }),
      };
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
