import { visibleLine } from "../../base/text/visible.ts";

export type Cell = string | number | null | undefined;

/** Rows under a heading, in columns as wide as their widest cell; the last column is cut at `width`. */
export function toTable(heading: string[], rows: Cell[][], width = Infinity): string {
  const lines = [heading, ...rows.map((row) => row.map(toText))];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => columnsOf(line[column] ?? ""))));
  return lines
    .map((line) =>
      cut(
        line
          .map((cell, column) => pad(cell, widths[column]!))
          .join("  ")
          .trimEnd(),
        width,
      ),
    )
    .join("\n");
}

/** "name  value" lines, the names as wide as the widest. */
export function toFacts(facts: [name: string, value: Cell][]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${toText(value)}`).join("\n");
}

function toText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === "") return "-";
  return visibleLine(String(cell));
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)));
}

function cut(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** How many columns of a terminal a text takes. */
function columnsOf(text: string): number {
  return [...new Intl.Segmenter().segment(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);
}
