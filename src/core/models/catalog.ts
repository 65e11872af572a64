import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { defined } from "../../base/defined.ts";
import type { KeySource, ModelInfo } from "../../protocol/model.ts";
import type { Models } from "../services/modelService.ts";
import type { OwnLimits } from "./rateLimiter.ts";
import { boundAnswer } from "./boundAnswer.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
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

export interface ModelCatalogOptions {
  entries: () => ProviderEntry[];
  settings: () => AgentSettings;
  clock: Clock;
  /** Models that other processes alone can ask, each with where it is. */
  elsewhere?: () => ModelInfo[];
  /** Makes rate limits those of all processes together. */
  holds?: Holds;
}

interface Catalog extends Required<Omit<ModelCatalogOptions, "holds">> {
  /** What servers have answered about their models. */
  asked: WeakMap<Provider, { at: number; models: Promise<ModelInfo[]> }>;
  /** Windows that providers have shown, by model. */
  learned: Map<string, number>;
  throttle: Throttle;
}

export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const { entries, settings, clock, elsewhere = () => [], holds } = options;
  const learned = new Map<string, number>();
  const throttle = createThrottle(clock, holds);
  const catalog: Catalog = { entries, settings, clock, elsewhere, asked: new WeakMap(), learned, throttle };
  return {
    list: (query) => listModels(catalog, query),
    providers: () =>
      Promise.all(
        entries().map(async ({ provider, keySource }) => ({ id: provider.id, key: (await keySource?.()) ?? null })),
      ),
    info: (id) => infoOf(catalog, id),
    learnWindow: (id, tokens) => void learned.set(id, Math.min(tokens, learned.get(id) ?? Infinity)),
    window: ({ model, info }) => windowOf(catalog, model, info?.windowTokens),
    resolve: (id) => resolveModel(catalog, id),
    choice: (id) => chooseModel(catalog, id),
  };
}

async function listModels(
  catalog: Catalog,
  { refresh, signal }: { refresh?: boolean; signal?: AbortSignal } = {},
): Promise<ModelInfo[]> {
  const { entries, elsewhere } = catalog;
  const own = (await Promise.all(entries().map((entry) => modelsOf(catalog, entry.provider, refresh)))).flat();
  const all = [...own, ...elsewhere().filter(({ id }) => !own.some((model) => model.id === id))];
  signal?.throwIfAborted();
  const told = all.map((model) => withOwn(catalog, model));
  return [...told.filter((model) => model.ready), ...told.filter((model) => !model.ready)];
}

async function infoOf(catalog: Catalog, id: string): Promise<ModelInfo | undefined> {
  const entry = entryOf(catalog, id);
  const found = entry && (await modelsOf(catalog, entry.provider)).find((model) => model.id === id);
  const known = found ?? catalog.elsewhere().find((model) => model.id === id);
  return known && withOwn(catalog, known);
}

/** The full id of the model that is meant, or of the one to use where none is named. */
async function resolveModel(catalog: Catalog, id: string | undefined): Promise<string> {
  const meant = id ?? catalog.settings().model;
  if (meant !== undefined) return findModel(catalog, meant);
  // One after the other, so that a server that hangs is only waited for when nothing before it is ready.
  for (const entry of catalog.entries()) {
    const first = (await modelsOf(catalog, entry.provider)).find((model) => model.ready);
    if (first) return first.id;
  }
  throw new AppError("unavailable", "No model is set up. Set an API key, or configure a provider in openclaw.yml.");
}

/** A name of a provider that has nothing to list, as while its server is down, is taken as it is: whoever asks it hears why, and may ask another. */
async function findModel(catalog: Catalog, id: string): Promise<string> {
  const { entries, elsewhere } = catalog;
  const candidates = id.includes("/") ? entries().filter((entry) => entry.provider.id === providerOf(id)) : entries();
  const name = candidates.length > 0 && id.includes("/") ? id.slice(id.indexOf("/") + 1) : id;
  let silent: string | undefined;
  for (const { provider, matches } of name === "" ? [] : candidates) {
    if (matches(name)) return `${provider.id}/${name}`;
    const models = await modelsOf(catalog, provider);
    if (models.some((model) => model.name === name)) return `${provider.id}/${name}`;
    if (models.length === 0) silent ??= provider.id;
  }
  const away = elsewhere().find((model) => model.id === id || model.name === id);
  if (away) return away.id;
  if (silent !== undefined && name !== id) return `${silent}/${name}`;
  const known = (await listModels(catalog)).filter((model) => model.ready).map((model) => model.id);
  const ready = `Ready now: ${known.slice(0, 12).join(", ") || "none"}.`;
  throw silent === undefined
    ? new AppError("bad_request", `No model ${quotedLine(id)} is known. ${ready}`)
    : new AppError(
        "unavailable",
        `No model ${quotedLine(id)} is known, and ${silent} lists none for now: ${quotedLine(`${silent}/${id}`)} would be one of its. ${ready}`,
      );
}

async function chooseModel(catalog: Catalog, id: string): Promise<ModelChoice> {
  const entry = entryOf(catalog, id);
  const info = await infoOf(catalog, id);
  if (info?.at !== undefined)
    throw new AppError(
      "unavailable",
      `${id} is a model that ${info.at} alone can ask, and this session works where another process has its folder`,
    );
  if (!entry) throw new AppError("unavailable", `The provider of ${id} is no longer configured`);
  const provider = catalog.throttle.over(boundAnswer(entry.provider), entry.limits);
  return { model: id, provider, ...defined({ info }) };
}

function entryOf({ entries }: Catalog, id: string): ProviderEntry | undefined {
  return entries().find((item) => item.provider.id === providerOf(id));
}

function modelsOf({ asked, clock }: Catalog, provider: Provider, refresh = false): Promise<ModelInfo[]> {
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
}

/** With the price that the user has set, and the window that was learned. */
function withOwn(catalog: Catalog, model: ModelInfo): ModelInfo {
  const windowTokens = windowOf(catalog, model.id, model.windowTokens);
  const priced = withPrice(model, catalog.settings());
  return windowTokens === undefined ? priced : { ...priced, windowTokens };
}

function windowOf({ learned }: Catalog, id: string, known: number | undefined): number | undefined {
  const found = learned.get(id);
  return found === undefined ? known : Math.min(found, known ?? Infinity);
}

export function providerOf(modelId: string): string {
  return modelId.slice(0, Math.max(modelId.indexOf("/"), 0));
}

function withPrice(model: ModelInfo, settings: AgentSettings): ModelInfo {
  const own = settings.prices[model.id];
  return own ? { ...model, price: own } : model;
}
