import * as http from "node:http";

type Env = Record<string, string | undefined>;

/** The proxy that HTTPS_PROXY or HTTP_PROXY names, in either case, without its password; undefined when neither does. */
export function namedProxy(env: Env): string | undefined {
  const found = PROXIES.flatMap((name) => env[name] ?? env[name.toLowerCase()] ?? []).find((value) => value !== "");
  return found === undefined ? undefined : found.replace(/\/\/[^@/]*@/, "//");
}

/**
 * Sends what this process asks of other machines through the proxy that the environment names, as curl, git and npm do; this machine is
 * asked directly. What must reach exactly the address that was looked at (web_fetch, webhooks) asks no proxy. False where Node.js cannot.
 */
export function useProxyOf(env: Env): boolean {
  // Node.js has it from 24.14 on; its types are older.
  const { setGlobalProxyFromEnv: set } = http as typeof http & { setGlobalProxyFromEnv?(env: Env): unknown };
  if (!set) return false;
  const direct = [env["NO_PROXY"] ?? env["no_proxy"], "localhost", "127.0.0.1", "::1", "[::1]"].filter(Boolean);
  set({ ...env, NO_PROXY: direct.join(","), no_proxy: direct.join(",") });
  return true;
}

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY"];
