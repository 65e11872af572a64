/** How a block is indented where it stands, compared with how it was written. */
export interface IndentShift {
  add: string;
  remove: string;
}

/** The shift between two lines that differ in nothing but their indentation; undefined when they differ in more. */
export function indentShift(there: string, written: string): IndentShift | undefined {
  if (there.trim() !== written.trim()) return undefined;
  const thereIndent = indentOf(there);
  const writtenIndent = indentOf(written);
  if (thereIndent.endsWith(writtenIndent))
    return { add: thereIndent.slice(0, thereIndent.length - writtenIndent.length), remove: "" };
  if (writtenIndent.endsWith(thereIndent))
    return { add: "", remove: writtenIndent.slice(0, writtenIndent.length - thereIndent.length) };
  return undefined;
}

/** A line as it would be written where the block stands. Blank lines stay as they are. */
export function shiftLine(line: string, shift: IndentShift): string {
  if (line.trim() === "") return line;
  return shift.add + (line.startsWith(shift.remove) ? line.slice(shift.remove.length) : line.trimStart());
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)![0];
