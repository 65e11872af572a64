import { parseEnv } from "node:util";
import { readPrivateFile } from "../../config/privateFile.ts";

const PROVIDER_KEYS = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"];

type Env = Record<string, string | undefined>;

/** The variables in a file that its owner alone may read; none when there is no such file. */
export function readEnvFile(path: string): Env {
  return parseEnv(readPrivateFile(path) ?? "");
}

/** Names of variables that this shell has, that the configuration or a provider reads, and that the service will not have. */
export function leftOutKeys(env: Env, configText: string, envFile: string): string[] {
  const named = [...configText.matchAll(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => name!);
  const has = readEnvFile(envFile);
  return [...new Set([...PROVIDER_KEYS, ...named])].filter((name) => env[name] && !has[name]);
}
