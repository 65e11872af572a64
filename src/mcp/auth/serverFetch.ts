import { AppError } from "../../base/appError.ts";
import { isLoopback } from "../../net/loopback.ts";
import { createNetworkGuard } from "../../net/networkGuard.ts";
import { plainFetch } from "../../net/plainFetch.ts";
import { boundedFetch } from "../wire/boundedFetch.ts";

// What each answer was asked for with: another call may have had the token renewed since.
const tokens = new WeakMap<Response, string>();

/** The token that came with the request for this answer; undefined where none did. */
export function tokenOf(response: Response): string | undefined {
  return tokens.get(response);
}

/**
 * Refuses (`forbidden`) a place that a server names to sign in at: one on the public internet names no address of this machine
 * or its network, where it would have us knock.
 */
export function createPlaceCheck(serverUrl: string): (asked: URL) => Promise<void> {
  const own = new URL(serverUrl);
  const check = createReachCheck(own);
  return async (asked) => {
    if (asked.origin === own.origin) return;
    await check(asked);
    if (!isSafeLine(asked))
      throw new AppError("forbidden", `${asked.origin} is not signed in at: it is neither https nor on this machine`);
  };
}

/**
 * `fetch` for a server, each address that it leads to included; what is on another machine is asked by `far`. Node's own fetch gives up
 * after five minutes of silence, however long a call may last.
 */
export function createServerFetch(
  serverUrl: string,
  far: typeof fetch = plainFetch,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const own = new URL(serverUrl);
  const check = createReachCheck(own);
  const ask: typeof fetch = async (input, init) => {
    const at = new URL(String(input));
    if (at.origin !== own.origin) {
      await check(at);
      if (isSafeLine(own) && !isSafeLine(at))
        throw new AppError("forbidden", `${own.origin} leads to ${at.origin}, which is not asked: it is not https`);
    }
    return await (isLoopback(at.hostname) ? plainFetch : far)(at.href, init);
  };
  return async (url, init) => {
    const response = await boundedFetch(ask, url, init);
    const [, token] = /^Bearer (.+)$/i.exec(new Headers(init?.headers).get("authorization") ?? "") ?? [];
    if (token !== undefined) tokens.set(response, token);
    return response;
  };
}

/** Refuses what a server on the public internet leads to on this machine or its network. A server of one's own network may lead there. */
function createReachCheck(own: URL): (asked: URL) => Promise<void> {
  const strict = createNetworkGuard({ allowLoopback: isLoopback(own.hostname) });
  return async (asked) => {
    if (await isPublic(own)) await strict.check(asked);
  };
}

/** Whether nobody on the way reads along. */
function isSafeLine({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || isLoopback(hostname);
}

async function isPublic(url: URL): Promise<boolean> {
  if (isLoopback(url.hostname)) return true;
  return await createNetworkGuard()
    .check(url)
    .then(
      () => true,
      () => false,
    );
}
