import { realpath, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";

/**
 * What a path is on the disk: absolute, links resolved, spelled as the disk spells it. One that cannot be looked at is
 * made absolute and left. Asked afresh each time: a link may lead elsewhere by now.
 */
export function realPath(path: string): string {
  try {
    // The native one also tells what a mapped or substituted drive stands for.
    return realpathSync.native(path);
  } catch (error) {
    return isUntold(error, path) ? stepByStep(path) : resolve(path);
  }
}

/** As `realPath`, and rejects with the system's fault where a path cannot be looked at. */
export async function followPath(path: string): Promise<string> {
  try {
    return await promisify(realpath.native)(path);
  } catch (error) {
    if (!isUntold(error, path)) throw error;
    return await promisify(realpath)(path);
  }
}

function stepByStep(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/**
 * Whether the system does not tell of a path that it opens all the same: Windows of disks in memory, and of what lies deeper
 * than 260 characters here and there. Then link by link is the way, but for a short name, which stands for another.
 */
function isUntold(error: unknown, path: string): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return process.platform === "win32" && (code === "UNKNOWN" || code === "EISDIR") && !/~\d/.test(path);
}
