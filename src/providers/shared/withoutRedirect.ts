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
  if (redirecting.has(address)) return follow(ask, address, init);
  try {
    return await ask(input, { ...init, ...NO_REDIRECT });
  } catch (error) {
    if (!isOwnRefusal(error)) throw error;
    redirecting.add(address);
    return follow(ask, address, init);
  }
}

/** As fetch follows, but that a key goes to no other origin in whichever header it is: fetch itself knows of `authorization` alone. */
async function follow(ask: typeof fetch, address: string, init: RequestInit = {}): Promise<Response> {
  let [at, given] = [address, init];
  for (let steps = MOST_STEPS; ; steps--) {
    const response = await ask(at, { ...given, redirect: steps === 0 ? "error" : "manual" });
    const next = KEPT.has(response.status) ? URL.parse(response.headers.get("location") ?? "", at) : null;
    if (!next) return response;
    await response.body?.cancel();
    const headers = new Headers(given.headers);
    if (next.origin !== new URL(at).origin) for (const name of KEYS) headers.delete(name);
    given = { ...given, headers };
    at = next.href;
  }
}

// The others would make it a question without a body, which no provider answers.
const KEPT = new Set([307, 308]);
const MOST_STEPS = 5;
const KEYS = ["authorization", "proxy-authorization", "cookie", "x-api-key", "x-goog-api-key", "api-key"];

// Both are needed: the window would be who is asked for a password.
const NO_REDIRECT = { redirect: "error", window: null } as const;

/** What the network or a far end did has a code; what fetch itself will not do has none. */
function isOwnRefusal(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : undefined;
  return cause instanceof Error && !("code" in cause);
}
