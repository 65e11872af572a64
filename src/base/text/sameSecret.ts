import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same, in a time that says nothing about either: their digests are compared. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
