import { AppError } from "../../base/appError.ts";
import { headOf, partOf } from "../../base/cutText.ts";

/** As far as one answer goes. */
export const MAX_LINES = 2000;
export const MAX_CHARS = 50_000;
const MAX_LINE_CHARS = 2000;

/** Lines of a text from `offset` on, 1 being the first, and how to go on; `last` is the last line that is shown. */
export function textPage(text: string, offset: number, limit: number): { text: string; last: number } {
  const lines = linesOf(text, offset);
  const shown: string[] = [];
  let chars = 0;
  for (const [index, line] of lines.slice(offset - 1, offset - 1 + limit).entries()) {
    const cut = cutLine(line.replace(/\r$/, ""), offset + index);
    chars += cut.length + 1;
    if (chars > MAX_CHARS && shown.length > 0) break;
    shown.push(cut);
  }
  const last = offset + shown.length - 1;
  const isWhole = offset === 1 && last === lines.length;
  const more = last < lines.length ? `; read on with offset ${last + 1}` : "";
  const told = isWhole ? shown.join("\n") : `${shown.join("\n")}\n[lines ${offset}-${last} of ${lines.length}${more}]`;
  return { text: told, last };
}

/** A very long line from one of its characters, as far as an answer goes. */
export function partOfLine(text: string, offset: number, column: number): string {
  const line = linesOf(text, offset)[offset - 1]!.replace(/\r$/, "");
  return partFrom(line, column, { named: "line", offset });
}

/** A text from one of its characters, as far as an answer goes; `named` and `offset` say what it is. */
export function partFrom(text: string, column: number, { named, offset }: { named: string; offset: number }): string {
  if (column > text.length) {
    const whose = `${named[0]!.toUpperCase()}${named.slice(1)} ${offset}`;
    throw new AppError("bad_request", `${whose} has ${text.length} characters; there is none at ${column}`);
  }
  const part = partOf(text, column - 1, Math.min(text.length, column - 1 + MAX_CHARS));
  const end = column - 1 + part.length;
  const more = end < text.length ? `; read on with offset ${offset}, column ${end + 1}` : "";
  return `${part}\n[${named} ${offset}, characters ${column}-${end} of ${text.length}${more}]`;
}

function linesOf(text: string, offset: number): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (offset > lines.length)
    throw new AppError("bad_request", `The file has ${lines.length} lines; there is no line ${offset}`);
  return lines;
}

function cutLine(line: string, number: number): string {
  if (line.length <= MAX_LINE_CHARS) return line;
  const head = headOf(line, MAX_LINE_CHARS);
  return `${head}[... ${line.length - head.length} more characters; read on with offset ${number}, column ${head.length + 1}]`;
}
