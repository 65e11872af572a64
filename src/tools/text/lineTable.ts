import { Pace } from "../../base/turns/pace.ts";

/** The lines of a text by number, from 0. Keeps places, not pieces: a long file has a great many lines. */
export class LineTable {
  readonly #text: string;
  readonly #starts: Uint32Array;
  readonly count: number;

  /** `starts` holds where each line begins, and behind the last one the text's end. */
  constructor(text: string, starts: Uint32Array, count: number) {
    this.#text = text;
    this.#starts = starts;
    this.count = count;
  }

  /** Where a line begins; the text's end for the first that is not there. */
  start(line: number): number {
    return this.#starts[Math.min(line, this.count)]!;
  }

  /** Without its ending. */
  text(line: number): string {
    return this.#text.slice(this.start(line), this.#end(line));
  }

  /** "\n", "\r\n", or "" at the very end. */
  ending(line: number): string {
    return this.#text.slice(this.#end(line), this.start(line + 1));
  }

  texts(from = 0, to = this.count): string[] {
    return Array.from({ length: Math.min(to, this.count) - from }, (_, index) => this.text(from + index));
  }

  #end(line: number): number {
    const next = this.start(line + 1);
    if (this.#text[next - 1] !== "\n") return next;
    return next - 1 > this.start(line) && this.#text[next - 2] === "\r" ? next - 2 : next - 1;
  }
}

/** A line ending at the very end does not begin another line. */
export async function readLines(text: string, pace = new Pace()): Promise<LineTable> {
  let starts = new Uint32Array(Math.min(1024, text.length + 2));
  let count = 0;
  for (let start = 0; start < text.length; count += 1) {
    if (pace.isDue()) await pace.rest();
    if (count + 2 > starts.length) starts = grown(starts);
    starts[count] = start;
    const found = text.indexOf("\n", start);
    start = found < 0 ? text.length : found + 1;
  }
  starts[count] = text.length;
  return new LineTable(text, starts, count);
}

function grown(starts: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(starts.length * 2);
  more.set(starts);
  return more;
}

/** The 1-based numbers of the lines that offsets lie in; the offsets ascend. */
export function lineNumbers(text: string, offsets: number[]): number[] {
  let count = 1;
  let at = text.indexOf("\n");
  return offsets.map((offset) => {
    for (; at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) count += 1;
    return count;
  });
}
