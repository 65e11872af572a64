import { isAppError } from "../../base/appError.ts";
import type { Core } from "../../core/core.ts";

/** Whether a run has not ended yet, or got done. One that cannot be read may. */
export async function goesOn(core: Core, runId: unknown): Promise<boolean> {
  if (typeof runId !== "string") return false;
  try {
    const { outcome } = await core.runs.get(runId);
    return outcome === undefined || outcome.type === "done";
  } catch (error) {
    return !isAppError(error) || error.code !== "not_found";
  }
}
