import { AppError } from "../appError.ts";

/** How deep a line of an export may be nested. */
const MOST_DEPTH = 40;

/** What stands where something was nested deeper. */
const TOO_DEEP = "[nested too deep to be moved]";

/** As what comes over REST is checked: `bad_request` for a `__proto__`, a NUL, half a letter, and what is nested too deep. */
export function checkSound(value: unknown, depth = 0): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new AppError("bad_request", "It holds half of a surrogate pair");
    if (value.includes("\0")) throw new AppError("bad_request", "It holds a NUL character");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= MOST_DEPTH) throw new AppError("bad_request", `It is nested more than ${MOST_DEPTH} deep`);
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") throw new AppError("bad_request", "It has a field __proto__");
    checkSound(key, depth);
    checkSound(item, depth + 1);
  }
}

/** A copy in which `checkSound` finds nothing: each thing that it refuses is replaced. */
export function toSound(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return soundText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MOST_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => toSound(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key === "__proto__" ? "[__proto__]" : soundText(key),
      toSound(item, depth + 1),
    ]),
  );
}

function soundText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
