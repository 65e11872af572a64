import { followWithoutKeys } from "../../net/withoutKeys.ts";

/** Addresses that have redirected. */
const redirecting = new Set<string>();

/**
 * As `ask` does, for a request whose body is text. Node's own fetch takes a body twice for as long as it may have to follow to another
 * address, which is two fifths of its work; so it is told not to, and only where an address does lead elsewhere it is asked once more.
 */
export async function withoutRedirect(
  ask: typeof fetch,
  ...[input, init]: Parameters<typeof fetch>
): Promise<Response> {
  const address = input instanceof Request ? input.url : String(input);
  if (redirecting.has(address)) return followWithoutKeys(ask, address, init);
  try {
    return await ask(input, { ...init, ...NO_REDIRECT });
  } catch (error) {
    if (!isOwnRefusal(error)) throw error;
    redirecting.add(address);
    return followWithoutKeys(ask, address, init);
  }
}

// Both are needed: the window would be who is asked for a password.
const NO_REDIRECT = { redirect: "error", window: null } as const;

/** What the network or a far end did has a code; what fetch itself will not do has none. */
function isOwnRefusal(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : undefined;
  return cause instanceof Error && !("code" in cause);
}
