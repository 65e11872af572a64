/** The oldest Node.js that brings SQLite, in which sessions are kept. */
export const oldestNode = "22.13.0";

/** The first release of each supported line without known faults of TLS and HTTP, as of November 2026; other lines get none. */
const mended: Record<number, string> = { 22: "22.23.0", 24: "24.17.0", 26: "26.3.1" };

/** Whether a version as in "20.19.1" or "v20.19.1" cannot run a gateway. */
export function isTooOld(version: string): boolean {
  return isBefore(version, oldestNode);
}

/** What to take in place of a version with known security faults, as in "24.17.0"; undefined for one without. */
export function mendedNode(version: string): string | undefined {
  const [line = 0] = numbersOf(version);
  const newest = Math.max(...Object.keys(mended).map(Number));
  if (line > newest) return undefined;
  const first = mended[line];
  if (first) return isBefore(version, first) ? first : undefined;
  // Its line no longer gets fixes: the next one does.
  return mended[line < 22 ? 22 : line + 1];
}

function isBefore(version: string, floor: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(floor)];
  const at = b.findIndex((part, place) => part !== (a[place] ?? 0));
  return at !== -1 && (a[at] ?? 0) < b[at]!;
}

function numbersOf(version: string): number[] {
  return version
    .replace(/^v/, "")
    .split(".")
    .map((part) => Number.parseInt(part, 10));
}
