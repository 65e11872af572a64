import { describeError } from "../../../base/log.ts";
import type { Core } from "../../../core/core.ts";

/** Removes one that was for the answer of one run only, which ends with it. Sub-agents that are at work for it end first. */
export async function forgetSession(core: Core, sessionKey: string, runId?: string): Promise<void> {
  try {
    if (runId !== undefined) await core.runs.cancel(runId);
    await core.sessions.delete(sessionKey, { whenDone: true });
  } catch (error) {
    core.log.warn("A session of /v1 could not be removed", { sessionKey, error: describeError(error) });
  }
}
