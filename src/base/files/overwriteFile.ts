import { type BigIntStats, statSync } from "node:fs";
import { dirname } from "node:path";
import { openRealFile } from "./realFile.ts";

/** Whether a file is to be written in place: replaced, it would keep only one of its names, or would no longer be its owner's or its group's. */
export function staysInPlace(
  path: string,
  { nlink, uid, gid }: Record<"nlink" | "uid" | "gid", number | bigint>,
): boolean {
  if (nlink > 1) return true;
  const user = process.geteuid?.();
  return user !== undefined && (Number(uid) !== user || Number(gid) !== groupIn(dirname(path)));
}

/** That a new file in a folder gets. */
function groupIn(folder: string): number {
  const { mode, gid } = statSync(folder);
  return process.platform !== "linux" || (mode & 0o2000) !== 0 ? gid : process.getegid!();
}

/**
 * Writes a file in place, as one that `staysInPlace`. `check` sees what was opened before
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
