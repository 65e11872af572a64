import type { Config } from "../config/configSchema.ts";
import { findProviderKey, type FoundKey } from "./settings/providerKey.ts";
import * as backends from "../tools/web/backends/index.ts";
import type { SearchBackend } from "../tools/web/backends/searchBackend.ts";
import { searchWeb } from "../tools/web/searchWeb.ts";
import type { SearchAccess } from "../tools/web/webSearchTool.ts";

const all: SearchBackend[] = Object.values(backends);

interface Places {
  config: () => Config;
  secret: (name: string) => Promise<string | undefined>;
  env: NodeJS.ProcessEnv;
}

/** The search engine of openclaw.yml, as it is there at each call. */
export function webSearch({ config, secret, env }: Places): SearchAccess & { found(): Promise<FoundKey | undefined> } {
  const setup = () => {
    const { search } = config();
    if (!search) return undefined;
    const backend = all.find(({ id }) => id === search.backend)!;
    return { backend, base: (search.baseUrl ?? backend.home!).replace(/\/$/, "") };
  };
  const found = async () => {
    const backend = setup()?.backend;
    return await findProviderKey({
      configured: config().search?.apiKey,
      // A key is one engine's, and goes to no other that is set up later.
      stored: async () => (backend ? await secret(`${backend.id}.apiKey`) : undefined),
      envKeys: backend?.keyName === undefined ? [] : [backend.keyName],
      env,
    });
  };
  return { setup, found, key: async () => (await found())?.value ?? "" };
}

/** Whether the engine answers, for who asks it nothing but that. Rejects as `searchWeb` does. */
export async function trySearch(access: SearchAccess): Promise<number> {
  const query = { query: "openclaw", count: 1, signal: new AbortController().signal };
  const { hits } = await searchWeb({ ...access.setup()!, key: await access.key() }, query);
  return hits.length;
}
