import { AppError } from "../../base/appError.ts";
import type { Sessions } from "../core.ts";
import type { SessionParts } from "./sessionParts.ts";

/** Replaces the older history by a summary in what the model sees; the originals stay. `conflict` while a run is under way. */
export async function compactSession(
  { sessionCache, runs, compactor }: SessionParts,
  key: string,
): ReturnType<Sessions["compact"]> {
  const session = await sessionCache.get(key);
  if ((await runs.unfinished(key)).length > 0)
    throw new AppError("conflict", `Session ${key} is at work; compact it when it is idle`);
  const { compacted, usedTokensAfter } = await runs.between(key, () => compactor.compact(session));
  return {
    session: await sessionCache.get(key),
    compacted,
    usedTokensBefore: session.contextTokens,
    usedTokensAfter,
  };
}
