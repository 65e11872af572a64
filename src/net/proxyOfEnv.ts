import * as http from "node:http";
import { AppError } from "../base/appError.ts";

type Env = Record<string, string | undefined>;

/** What the environment names to go through, by what is asked: https, or http. */
export interface ProxyOfEnv {
  https: string;
  http: string | undefined;
  /** Its host and port, without who asks; of two, both. */
  shown: string;
  /** What stands in their addresses of who asks, as it is written there and as it is meant. */
  secrets: string[];
}

// Node.js has it from 24.14 on; its types are older.
const { setGlobalProxyFromEnv: set } = http as typeof http & { setGlobalProxyFromEnv?(env: Env): unknown };

/** Whether Node.js can be told of a proxy: then its plain client goes through it, too. */
export const canUseProxy = set !== undefined;

export function isProxyNamed(env: Env): boolean {
  return named(env, "HTTPS_PROXY") !== undefined || named(env, "HTTP_PROXY") !== undefined;
}

/**
 * The proxy that HTTPS_PROXY names, or else HTTP_PROXY, which alone is meant for what is asked by http; in either case, without a scheme
 * too. Undefined when neither names one. Throws `bad_request`, without the value, for what is no address of an HTTP proxy.
 */
export function proxyOf(env: Env): ProxyOfEnv | undefined {
  const [forHttps, forHttp] = [read(env, "HTTPS_PROXY"), read(env, "HTTP_PROXY")];
  const used = [...new Set([forHttps ?? forHttp, forHttp])].filter((url) => url !== undefined);
  if (used.length === 0) return undefined;
  return {
    https: used[0]!.href,
    http: forHttp?.href,
    shown: [...new Set(used.map(({ host }) => host))].join(", "),
    secrets: used.flatMap(({ password }) => [password, decodeURIComponent(password)]),
  };
}

/**
 * Sends what this process asks of other machines through the proxy, but for those that NO_PROXY names; this machine is asked directly.
 * What must reach exactly the address that was looked at (web_fetch, webhooks) asks no proxy. False where Node.js cannot.
 */
export function useProxy(proxy: ProxyOfEnv, env: Env): boolean {
  if (!set) return false;
  const direct = [named(env, "NO_PROXY"), "localhost", "127.0.0.1", "::1", "[::1]"].filter(Boolean);
  set({ https_proxy: proxy.https, no_proxy: direct.join(","), ...(proxy.http && { http_proxy: proxy.http }) });
  return true;
}

/** The small letters first, as curl does and Node.js; one that is empty names nothing. */
function named(env: Env, name: string): string | undefined {
  return [env[name.toLowerCase()], env[name]].map((value) => value?.trim()).find(Boolean);
}

function read(env: Env, name: string): URL | undefined {
  const value = named(env, name);
  if (value === undefined) return undefined;
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  // A password's own % may stand there as it is.
  const url = URL.parse(whole.replace(/%(?![\da-f]{2})/gi, "%25"));
  if (url && !/^https?:$/.test(url.protocol))
    throw new AppError(
      "bad_request",
      `${name} names a proxy by ${url.protocol}//, and only http:// and https:// are understood; set it to another, or to nothing`,
    );
  // Behind a slash in a password all else would pass for a path, and what is before it for the host.
  if (!url || `${url.pathname}${url.search}${url.hash}`.includes("@") || !isDecodable(url))
    throw new AppError(
      "bad_request",
      `${name} is no address of a proxy, such as http://proxy:8080; in a name or password, / is written as %2F, # as %23 and ? as %3F`,
    );
  return url;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== undefined;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}
