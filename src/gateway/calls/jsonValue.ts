import { AppError } from "../../base/appError.ts";
import { toDotted } from "../../base/input/parseInput.ts";

export const DEPTH_LIMIT = 32;

/**
 * `bad_request` for JSON that is nested too deep or holds what no honest client sends: text that is not well-formed
 * Unicode, NUL characters, a `__proto__` key.
 */
export function checkJson(value: unknown, path: (string | number)[] = []): void {
  if (typeof value === "string") return checkText(value, path);
  if (typeof value !== "object" || value === null) return;
  if (path.length >= DEPTH_LIMIT) throw new AppError("bad_request", `The JSON is nested more than ${DEPTH_LIMIT} deep`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkJson(item, [...path, index]);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    if (key === "__proto__") throw refuse(here, "Unknown field");
    checkText(key, path);
    checkJson(item, here);
  }
}

function checkText(text: string, path: (string | number)[]): void {
  if (!text.isWellFormed()) throw refuse(path, "Not well-formed Unicode: half of a surrogate pair");
  if (text.includes("\0")) throw refuse(path, "NUL characters are not allowed");
}

function refuse(path: (string | number)[], message: string): AppError {
  const where = toDotted(path);
  return new AppError("bad_request", where === "" ? message : `${where}: ${message}`, {
    details: [{ path: where, message }],
  });
}
