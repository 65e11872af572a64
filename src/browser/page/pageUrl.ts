import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { isLoopback } from "../../net/loopback.ts";
import { createNetworkGuard, type NetworkGuard } from "../../net/networkGuard.ts";
import type { EgressProxyOptions } from "../../net/egressProxy.ts";

/** An address as written, "example.com/a" included, as a URL. `bad_request` when it is none. */
function parsePageUrl(written: string): URL {
  const isBare = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?([/?#]|$)/i.test(written.trim());
  const isHome = isLoopback(/^(\[[^\]]*\]|[\w.-]*)/.exec(written.trim())![0]);
  const url = URL.parse(isBare ? `${isHome ? "http" : "https"}://${written.trim()}` : written.trim());
  if (!url) throw new AppError("bad_request", `"${written.slice(0, 200)}" is no address of a page`);
  return url;
}

/** The address as it is shown to whoever is asked about it: what it tells itself is checked, and no name looked up. */
export function readPageUrl(written: string, options: EgressProxyOptions): Promise<string> {
  return pageUrl(written, options, async (guard, url) => guard.read(url));
}

/** The address, when a page may be opened there: about:blank, or http(s) where the network guard lets through. */
export function checkPageUrl(written: string, options: EgressProxyOptions): Promise<string> {
  return pageUrl(written, options, (guard, url) => guard.check(url));
}

async function pageUrl(
  written: string,
  { allowLoopback, resolve, refuses }: EgressProxyOptions,
  look: (guard: NetworkGuard, url: URL) => Promise<URL>,
): Promise<string> {
  const url = parsePageUrl(written);
  if (url.href === "about:blank") return url.href;
  const why = refuses?.(url.hostname, url.port || (url.protocol === "http:" ? "80" : "443"));
  if (why !== undefined) throw new AppError("forbidden", why);
  const guard = (loopback: boolean) => createNetworkGuard({ allowLoopback: loopback, ...defined({ resolve }) });
  try {
    await look(guard(allowLoopback()), url);
  } catch (error) {
    if (allowLoopback() || !isAppError(error) || error.code !== "forbidden") throw error;
    const isOwnMachine = await look(guard(true), url).then(
      () => true,
      () => false,
    );
    if (!isOwnMachine) throw error;
    throw new AppError(
      "forbidden",
      `${error.message}; browser.allowLoopback in openclaw.yml opens pages of this machine`,
    );
  }
  return url.href;
}
