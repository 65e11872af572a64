import { statSync } from "node:fs";
import { expect, test } from "vitest";

/**
 * Tests of what Windows does not have, left out there by name: modes, sh and its programs, signals that a process hears,
 * links that any user may make, names that hold ":" or "*".
 */
export const posixTest = test.skipIf(process.platform === "win32");

/** On Windows there are no modes to look at. */
export function expectMode(path: string, mode: number): void {
  if (process.platform !== "win32") expect((statSync(path).mode & 0o777).toString(8)).toBe(mode.toString(8));
}
