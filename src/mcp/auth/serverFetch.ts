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
 * `fetch` for a server and for whom it names to sign in at. A server on the public internet names no address of this machine or its network: it would
 * have us knock there.
 */
export function createServerFetch(serverUrl: string): typeof boundedFetch {
  const own = new URL(serverUrl);
  const strict = createNetworkGuard({ allowLoopback: isLoopback(own.hostname) });
  return async (url, init) => {
    const asked = new URL(url);
    if (asked.origin !== own.origin) {
      const isFar = await isPublic(own);
      if (isFar) await strict.check(asked);
      if (asked.protocol !== "https:" && !isLoopback(asked.hostname))
        throw new AppError("forbidden", `${asked.origin} is not signed in at: it is neither https nor on this machine`);
    }
    const response = await boundedFetch(url, init);
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
