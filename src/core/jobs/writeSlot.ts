import { isAppError } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import { sleep } from "../../base/wait.ts";
import type { SlotRecord } from "../../protocol/job.ts";
import type { JobParts } from "./jobParts.ts";

const STORE_AGAIN_MS = 15_000;

/**
 * Does what a slot waits for, again while it fails. Undefined where another gateway has written the slot meanwhile,
 * or it fails while this one closes: then it is left for the next start. `fault`: what the log says of each try that failed.
 */
export async function writeSlot<T>(
  slot: SlotRecord,
  fault: string,
  parts: Pick<JobParts, "store" | "clock" | "log" | "isClosed">,
  write: () => Promise<T>,
): Promise<T | undefined> {
  const { clock, log } = parts;
  do {
    try {
      return await write();
    } catch (error) {
      if (isAppError(error) && error.code === "conflict" && (await isAnother(slot, parts))) return undefined;
      if (parts.isClosed()) return undefined;
      log.error(fault, { jobId: slot.jobId, error: describeError(error) });
      await sleep(clock, STORE_AGAIN_MS);
    }
  } while (!parts.isClosed());
  return undefined;
}

/** Whether the slot is known to be another than it was; one that is gone, or never was stored, is none. */
async function isAnother(slot: SlotRecord, { store }: Pick<JobParts, "store">): Promise<boolean> {
  try {
    const [now] = await store.listSlots({ jobId: slot.jobId, slot: slot.slot, limit: 1 });
    return now !== undefined && JSON.stringify(now) !== JSON.stringify(slot);
  } catch {
    return false;
  }
}
