import { chmodSync, statSync } from "node:fs";

// By its device: how far a disk's clock was ahead of ours when it was last asked.
const ahead = new Map<number, number>();

/**
 * The time by the clock of a folder's disk, in milliseconds since 1970, to compare times of its files with: that of a share, or
 * of a machine's host, is not ours. Ours where it cannot be asked.
 */
export function diskNow(folder: string): number {
  try {
    return ask(folder);
  } catch {
    // Another user's folder, or a disk that is only read.
    return Date.now();
  }
}

function ask(folder: string): number {
  const { dev, mode, ctimeMs } = statSync(folder);
  // Who is not of a folder's group would take its mark away; and Windows notes no such changes.
  if (process.platform === "win32" || (mode & 0o6000) !== 0) return Date.now();
  // It gets the rights that it has: nothing changes but the time of its last change.
  chmodSync(folder, mode & 0o7777);
  const now = statSync(folder).ctimeMs;
  // A disk that notes none, or the same moment once more.
  if (now === ctimeMs) return Date.now() + (ahead.get(dev) ?? 0);
  ahead.set(dev, now - Date.now());
  return now;
}
