import { defined } from "../../base/defined.ts";
import type { NewSession } from "../services/sessionService.ts";
import type { Keep } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { childTools } from "./agents.ts";
import { changeSession, saveSession } from "./changeSession.ts";
import { removeAll } from "./deleteSession.ts";
import type { SessionParts } from "./sessionParts.ts";
import { listedWorkspace } from "./workspaces.ts";

/** With a `key` that is taken it is the session of that key, as it is; a channel's has the tools that are wanted now. */
export async function createSession(
  parts: SessionParts,
  given: NewSession,
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const { store, sessionRepository, models } = parts;
  const workspace = listedWorkspace(given.workspace, parts.workspaces);
  const parent = given.parentKey === undefined ? undefined : await sessionRepository.get(given.parentKey);
  if (given.key !== undefined) {
    const there = await store.getSession(given.key);
    // Its key is wanted again: what was of that name is not brought back any more.
    if (there?.deleting) await removeAll(parts, given.key);
    else if (there) {
      const isOther = JSON.stringify(there.tools) !== JSON.stringify(given.tools);
      if (given.kind !== "channel" || there.kind !== "channel" || !isOther) return sessionRepository.get(given.key);
      return changeSession(parts, given.key, { tools: given.tools ?? null });
    }
  }
  const model = given.model === undefined ? undefined : await models.resolve(given.model);
  const made = sessionRepository.make({
    ...given,
    workspace,
    model,
    ...defined({ tools: childTools(parent, given.tools) }),
  });
  return saveSession(parts, made.key, { put: made }, keep?.(made));
}
