import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../appError.ts";

/** How long is waited for whoever holds a file. */
export interface Patience {
  /** 2000 when not given. */
  ms?: number;
  platform?: NodeJS.Platform;
}

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;
// On a machine that stood still meanwhile the time is over, and nobody has looked.
const LEAST_TRIES = 5;

/**
 * Does something to a file, again and again while another program has it open in a way that forbids it: virus scanners,
 * editors and backups do on Windows, for a moment. Then rejects with `unavailable`. Other failures are passed on at once.
 */
export async function whileHeld<T>(
  path: string,
  work: () => T | Promise<T>,
  { ms = 2000, platform = process.platform }: Patience = {},
): Promise<T> {
  const until = performance.now() + ms;
  let pause = FIRST_WAIT_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!isHeld(code, platform)) throw error;
      if (tries >= LEAST_TRIES && performance.now() + pause > until)
        throw new AppError(
          "unavailable",
          `${path} was held by another program for ${ms / 1000} s (${code}); which one is not known here: perhaps a virus scanner, an editor or a backup`,
          { cause: error },
        );
    }
    await wait(pause);
    pause = Math.min(pause * 2, LONGEST_WAIT_MS);
  }
}

// Elsewhere the other two mean that this user may not, and waiting changes nothing.
function isHeld(code: string, platform: NodeJS.Platform): boolean {
  return code === "EBUSY" || (platform === "win32" && (code === "EPERM" || code === "EACCES"));
}
