import { defined } from "../base/defined.ts";
import type { Config } from "../config/configSchema.ts";
import type { ProviderEntry } from "../core/models/catalog.ts";
import type { Host } from "../core/ports/host.ts";
import * as kinds from "../providers/index.ts";
import { findProviderKey } from "./settings/providerKey.ts";
import type { ProviderKind } from "../providers/shared/providerKind.ts";

export interface ProvidersOptions {
  config: Config;
  host: Host;
  env: NodeJS.ProcessEnv;
  /** Which other editor has a key for a provider. */
  keyElsewhere?: ((provider: string) => Promise<string | undefined>) | undefined;
}

/** Every provider that is built in or configured. */
export function createProviders({ config, host, env, keyElsewhere }: ProvidersOptions): ProviderEntry[] {
  const given: ProvidersOptions = { config, host, env, keyElsewhere };
  const all: ProviderKind[] = Object.values(kinds);
  const builtIn = all
    .filter((kind) => kind.defaultId !== undefined)
    .map((kind) => createEntry(kind, kind.defaultId!, given));
  const own = Object.entries(config.providers).flatMap(([id, own]) => {
    const kind = all.find((item) => item.api === own?.api);
    return kind && kind.defaultId !== id ? [createEntry(kind, id, given)] : [];
  });
  const ofHost = (host.providers ?? []).map((provider) => ({ provider, matches: () => false }));
  // The demo answers only when nothing else can.
  const last = builtIn.filter((entry) => entry.provider.id === "offline");
  return [...builtIn.filter((entry) => !last.includes(entry)), ...own, ...ofHost, ...last];
}

function createEntry(
  kind: ProviderKind,
  id: string,
  { config, host, env, keyElsewhere }: ProvidersOptions,
): ProviderEntry {
  const given = config.providers[id];
  const isForeign = config.foreignProviders?.includes(id);
  const key = () =>
    findProviderKey({
      configured: given?.apiKey,
      stored: () => host.secret(`${id}.apiKey`),
      envKeys: kind.envKeys,
      env,
      isForeign,
    });
  const provider = kind.create({
    id,
    apiKey: async () => (await key())?.value,
    keyElsewhere: keyElsewhere && (() => keyElsewhere(id)),
    isForeign,
    baseUrl: given?.baseUrl ?? env[`${id.toUpperCase().replaceAll("-", "_")}_BASE_URL`],
    models: given?.models,
    log: host.log,
    ...defined({ fetch: host.fetch }),
  });
  return {
    provider,
    keySource: async () => (await key())?.source,
    matches: (name) => kind.defaultId === id && kind.matches(name),
    limits: {
      ...(given?.requestsPerMinute ? { requestsPerMinute: given.requestsPerMinute } : {}),
      ...(given?.tokensPerMinute ? { tokensPerMinute: given.tokensPerMinute } : {}),
    },
  };
}
