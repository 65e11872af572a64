import { defined } from "../../base/defined.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { KnownModel, ProviderOptions } from "./providerKind.ts";
import { priceOf } from "./prices.ts";
import { type ErrorSource, missingKey, unusableKey } from "./providerError.ts";

/** The models of an API that needs a key: the configured names, or the known ones. Ready when a key is set. */
export async function listKeyedModels(
  api: string,
  known: KnownModel[],
  options: ProviderOptions,
  source: ErrorSource,
): Promise<ModelInfo[]> {
  const key = await options.apiKey?.().catch(() => undefined);
  const unready = key ? unusableKey(source, key) : await missingKey(source);
  const names = options.models ?? known.map((model) => model.name);
  return names.map((name) => {
    const facts = known.find((model) => model.name === name) ?? { name };
    const price = priceOf(api, name);
    return {
      ...facts,
      id: `${options.id}/${name}`,
      provider: options.id,
      ...defined({ price }),
      ...(unready ? { ready: false, reason: unready.message } : { ready: true }),
    };
  });
}
