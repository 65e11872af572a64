import type { KeySource } from "../../protocol/model.ts";

/** A provider's key, and where it was found. */
export interface FoundKey {
  value: string;
  source: KeySource;
}

/** The one order in which a provider's key is looked for: openclaw.yml, then what the user stored, then the environment. */
export async function findProviderKey(places: {
  configured: string | undefined;
  stored: () => Promise<string | undefined>;
  envKeys: string[];
  env: NodeJS.ProcessEnv;
  /** Its address is a workspace's: only a key beside that goes there. */
  isForeign?: boolean | undefined;
}): Promise<FoundKey | undefined> {
  const { configured, stored, envKeys, env, isForeign = false } = places;
  if (configured) return { value: configured, source: { from: "openclaw.yml" } };
  if (isForeign) return undefined;
  const own = await stored();
  if (own) return { value: own, source: { from: "stored" } };
  const name = envKeys.find((each) => env[each]);
  return name === undefined ? undefined : { value: env[name]!, source: { from: "environment", name } };
}
