import { describeError } from "../../../base/log.ts";
import type { Core } from "../../../core/core.ts";

/** Removes one that was for one answer only. */
export function forgetSession(core: Core, sessionKey: string): void {
  core.sessions.delete(sessionKey).catch((error: unknown) => {
    core.log.warn("A session of /v1 could not be removed", { sessionKey, error: describeError(error) });
  });
}
