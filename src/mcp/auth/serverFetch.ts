import { AppError } from "../../base/appError.ts";
import { isLoopback } from "../../net/loopback.ts";
import { createNetworkGuard } from "../../net/networkGuard.ts";
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
  const strict = createNetworkGuard({ allowLoopback: isLoopback(own.hostname) });
  return async (asked) => {
    if (asked.origin === own.origin) return;
    const isFar = await isPublic(own);
    if (isFar) await strict.check(asked);
    if (asked.protocol !== "https:" && !isLoopback(asked.hostname))
      throw new AppError("forbidden", `${asked.origin} is not signed in at: it is neither https nor on this machine`);
  };
}

/** `fetch` for a server and for whom it names to sign in at; what is far is asked by `far`. */
export function createServerFetch(
  serverUrl: string,
  far?: typeof fetch,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const check = createPlaceCheck(serverUrl);
  return async (url, init) => {
    await check(new URL(url));
    const response = await boundedFetch(url, init, far);
    const [, token] = /^Bearer (.+)$/i.exec(new Headers(init?.headers).get("authorization") ?? "") ?? [];
    if (token !== undefined) tokens.set(response, token);
    return response;
  };
}

/** A server of one's own network may name others there. */
async function isPublic(url: URL): Promise<boolean> {
  if (isLoopback(url.hostname)) return true;
  return await createNetworkGuard()
    .check(url)
    .then(
      () => true,
      () => false,
    );
}
