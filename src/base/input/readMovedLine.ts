import { AppError } from "../appError.ts";
import { cutText } from "../cutText.ts";
import { visible } from "../text/visible.ts";
import { MOVED_VERSION, type MovedLine, movedLine } from "../../protocol/written/movedLine.ts";
import { parseInput } from "./parseInput.ts";
import { checkSound, toSound } from "./soundJson.ts";

/**
 * One line of an export. Throws a bad_request that says what is wrong with it, and names nothing of its secrets. What was said
 * may hold anything: there, what no line may hold is replaced.
 */
export function readMovedLine(text: string): MovedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError("bad_request", "It is not a line of JSON");
  }
  const { type, version } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (type === "session" || type === "message") return parseInput(movedLine, toSound(value));
  checkSound(value);
  if (type === "pincer" && version !== MOVED_VERSION) {
    const told = visible(cutText(String(version), 40));
    throw new AppError("bad_request", `It is of version ${told}, and this Pincer reads version ${MOVED_VERSION}`);
  }
  return parseInput(movedLine, value);
}
