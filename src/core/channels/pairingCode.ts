import { createHash, randomInt, timingSafeEqual } from "node:crypto";

// No two of them look alike, in any typeface, nor like a digit.
const LETTERS = "ACDEFGHJKMNPQRTUVWXY";
const CODE_LETTERS = 8;

/** What holds for every code that lets somebody in: how long, how many at once, and how many wrong ones make all void. */
export const CODE_MS = 10 * 60_000;
export const MOST_PENDING = 3;
export const MOST_TRIES = 5;

export function newCode(): string {
  return Array.from({ length: CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

/** Whether a code's time is over; also on a clock that was set back behind the time it was made, by more than it lasts. */
export function isOver({ expiresAt }: { expiresAt: number }, now: number): boolean {
  return now >= expiresAt || now < expiresAt - 2 * CODE_MS;
}

/** A code as it was made, however it was typed. */
export function plainCode(given: string): string {
  return given.toUpperCase().replaceAll(/[\s-]/g, "");
}

/** Whoever reads the store does not read codes. `about` is whom it is for. */
export function digestOfCode(about: string[], code: string): string {
  return createHash("sha256")
    .update(JSON.stringify([...about, code]))
    .digest("hex");
}

export function isSameDigest(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
