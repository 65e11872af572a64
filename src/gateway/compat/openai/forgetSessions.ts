import type { Disposable } from "../../../base/disposable.ts";
import { defined } from "../../../base/defined.ts";
import { describeError } from "../../../base/log.ts";
import type { Core } from "../../../core/core.ts";
import { OWN_KEY } from "./conversation.ts";

const DAY_MS = 24 * 3_600_000;
const LOOK_MS = 3_600_000;
const PAGE = 200;

/** Removes the sessions that /v1 made and nobody used for `days()`: now, and each hour until it is disposed of. */
export function forgetSessions(core: Core, days: () => number): Disposable {
  const { clock, log } = core;
  let closed = false;
  let timer: Disposable | undefined;
  const look = async (): Promise<void> => {
    try {
      for (const key of await listUnused(core, clock.now() - days() * DAY_MS)) {
        if (closed) return;
        await core.sessions.delete(key);
      }
    } catch (error) {
      if (!closed) log.warn("Old sessions of /v1 could not be removed", { error: describeError(error) });
    }
    if (!closed) timer = clock.at(clock.now() + LOOK_MS, () => void look());
  };
  void look();
  return {
    dispose() {
      closed = true;
      timer?.dispose();
    },
  };
}

/** Removes one that was for one answer only. */
export function forgetSession(core: Core, sessionKey: string): void {
  core.sessions.delete(sessionKey).catch((error: unknown) => {
    core.log.warn("A session of /v1 could not be removed", { sessionKey, error: describeError(error) });
  });
}

async function listUnused(core: Core, before: number): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await core.sessions.list({
      kinds: ["isolated"],
      limit: PAGE,
      ...defined({ cursor }),
    });
    for (const { key, updatedAt, state } of page.sessions) {
      const isAtRest = state === "idle" || state === "failed";
      if (key.startsWith(OWN_KEY) && isAtRest && Date.parse(updatedAt) < before) keys.push(key);
    }
    if (page.nextCursor === undefined) return keys;
    cursor = page.nextCursor;
  }
}
