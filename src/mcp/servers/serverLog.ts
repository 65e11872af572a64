import { headOf } from "../../base/cutText.ts";
import { visible } from "../../base/text/visible.ts";

/** What a server wrote to its standard error and what happened to it, the newest of it, by lines. */
export interface ServerLog {
  /** Pieces of text as they come; a line is kept when it is whole. */
  write(text: string): void;
  /** A line of our own. */
  note(text: string): void;
  tail(lines: number): string[];
}

const MOST_LINES = 500;
const MAX_LINE = 1000;

export function createServerLog(stamp: () => string, redact: (text: string) => string): ServerLog {
  const lines: string[] = [];
  let rest = "";
  const add = (line: string) => {
    lines.push(`${stamp()} ${visible(redact(headOf(line, MAX_LINE)))}`);
    if (lines.length >= MOST_LINES * 2) lines.splice(0, lines.length - MOST_LINES);
  };
  return {
    write(text) {
      const whole = (rest + text).split("\n");
      rest = headOf(whole.pop() ?? "", MAX_LINE);
      // Of a flood only the end is worth its price.
      for (const line of whole.slice(-MOST_LINES)) if (line.trim() !== "") add(line.replace(/\r$/, ""));
    },
    note: add,
    tail: (count) => lines.slice(-count),
  };
}
