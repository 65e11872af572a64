import type { MovedLine } from "../../protocol/written/movedLine.ts";
import { toSound } from "./soundJson.ts";

/** One line of an export, as every import takes it: what a line may not hold is replaced in it. */
export function writeMovedLine(line: MovedLine): string {
  return JSON.stringify(toSound(line));
}
