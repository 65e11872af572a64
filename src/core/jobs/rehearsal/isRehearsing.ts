import type { Job } from "../../../protocol/job.ts";
import type { Store } from "../../ports/store.ts";

/** Whether the job's newest rehearsal goes on, in whichever process: its run says so. */
export async function isRehearsing({ rehearsal }: Job, store: Pick<Store, "getRun">): Promise<boolean> {
  if (!rehearsal || rehearsal.finishedAt !== undefined) return false;
  const run = await store.getRun(rehearsal.runId);
  return run !== undefined && run.state !== "finished";
}
