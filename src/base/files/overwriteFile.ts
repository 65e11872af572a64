import type { BigIntStats } from "node:fs";
import { openRealFile } from "./realFile.ts";

/**
 * Writes a file that has several names in place: replaced, it would keep only this one. `check` sees what was opened before
 * anything is written. Rejects as `openRealFile` does.
 */
export async function overwriteFile(
  path: string,
  bytes: Uint8Array,
  check?: (now: BigIntStats) => void,
): Promise<void> {
  await using file = await openRealFile(path, "change");
  check?.(await file.stat({ bigint: true }));
  await file.writeFile(bytes);
  await file.truncate(bytes.length);
  await file.sync();
}
