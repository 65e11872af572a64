import { AppError } from "../appError.ts";
import { cutText } from "../cutText.ts";
import { visible } from "../text/visible.ts";
import { MOVED_VERSION, type MovedLine, movedLine } from "../../protocol/written/movedLine.ts";
import { parseInput } from "./parseInput.ts";

const MOST_DEPTH = 40;

/** One line of an export. Throws a bad_request that says what is wrong with it, and names nothing of its secrets. */
export function readMovedLine(text: string): MovedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError("bad_request", "It is not a line of JSON");
  }
  checkSound(value, 0);
  const { type, version } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (type === "pincer" && version !== MOVED_VERSION) {
    const told = visible(cutText(String(version), 40));
    throw new AppError("bad_request", `It is of version ${told}, and this Pincer reads version ${MOVED_VERSION}`);
  }
  return parseInput(movedLine, value);
}

/** As what comes over REST is checked: no `__proto__`, no NUL, no half letters, not too deep. */
function checkSound(value: unknown, depth: number): void {
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
