import { realpathSync } from "node:fs";
import { resolve } from "node:path";

/**
 * What a path is on the disk: absolute, links resolved, spelled as the disk spells it. One that cannot be looked at is
 * made absolute and left. Asked afresh each time: a link may lead elsewhere by now.
 */
export function realPath(path: string): string {
  try {
    // The native one also tells what a mapped or substituted drive stands for.
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}
