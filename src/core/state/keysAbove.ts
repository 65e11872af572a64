import { isAppError } from "../../base/appError.ts";

interface Sessions {
  get(key: string): Promise<{ parentKey?: string }>;
}

/**
 * The keys above a session, its parent's first. `not_found` where it is not there itself; a parent that is not, as one that an
 * import left behind, is above nothing.
 */
export async function keysAbove(key: string, sessions: Sessions): Promise<string[]> {
  const keys: string[] = [];
  let at = (await sessions.get(key)).parentKey;
  while (at !== undefined && at !== key && !keys.includes(at)) {
    const session = await sessions.get(at).catch((error: unknown) => {
      if (isAppError(error) && error.code === "not_found") return undefined;
      throw error;
    });
    if (!session) break;
    keys.push(at);
    at = session.parentKey;
  }
  return keys;
}
