export interface TextLine {
  /** Without its line ending. */
  text: string;
  start: number;
  /** Where its text ends, before the line ending. */
  end: number;
}

/** Lines with their places. A line ending at the very end does not begin another line. */
export function textLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const stop = found < 0 ? text.length : found;
    const end = found > start && text[found - 1] === "\r" ? found - 1 : stop;
    lines.push({ text: text.slice(start, end), start, end });
    start = stop + 1;
  }
  return lines;
}

/** The 1-based number of the line that an offset lies in. */
export function lineNumber(text: string, offset: number): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
