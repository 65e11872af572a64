import { appendFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where a gateway without an editor writes its log. */
export function logPath(stateDir: string): string {
  return join(stateDir, "logs", "gateway.log");
}

export interface LogFileOptions {
  /** A file that would grow past this is set aside first. */
  maxBytes?: number;
  /** How many there are in all: NAME, NAME.1, NAME.2. */
  files?: number;
}

/** Appends lines to a file that only its owner may read; the oldest lines go when it has grown. Never throws. */
export function openLogFile(
  path: string,
  { maxBytes = 5_000_000, files = 3 }: LogFileOptions = {},
): (line: string) => void {
  let size = sizeOf(path);
  return (line) => {
    const bytes = Buffer.byteLength(line) + 1;
    // A full disk must not stop the gateway; the line is on stderr as well.
    try {
      if (size > 0 && size + bytes > maxBytes) {
        rotate(path, files);
        size = 0;
      }
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
      size += bytes;
    } catch {
      size = sizeOf(path);
    }
  };
}

/** 0 where this user may not look: that writing fails, too, is found out then. */
function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

function rotate(path: string, files: number): void {
  for (let index = files - 1; index > 0; index--) {
    const from = index === 1 ? path : `${path}.${index - 1}`;
    if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${path}.${index}`);
  }
}
