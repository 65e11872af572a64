import type { RunPlace, SendRequest } from "../../protocol/run.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";

/** Where the run that a request makes stands in a tree of runs; undefined for one that begins a tree. */
export async function runPlace(
  { sessionKey, parentKey, sentBy }: SendRequest,
  sessionRepository: SessionRepository,
): Promise<RunPlace | undefined> {
  const parent = sessionKey === undefined ? parentKey : undefined;
  if (parent === undefined && !sentBy) return undefined;
  return {
    chain: 0,
    ...(sentBy ? { root: sentBy.place?.root ?? sentBy.id, chain: (sentBy.place?.chain ?? 0) + 1 } : {}),
    ...(parent === undefined ? {} : await below(parent, sessionRepository)),
  };
}

/** The place of a new child in its tree of sessions. */
async function below(parentKey: string, sessionRepository: SessionRepository): Promise<{ top: string; depth: number }> {
  let top = parentKey;
  for (let depth = 1; ; depth += 1) {
    const next = (await sessionRepository.get(top)).parentKey;
    if (next === undefined) return { top, depth };
    top = next;
  }
}
