import { visible } from "../../base/text/visible.ts";
import type { Io } from "./io.ts";
import { type Cell, toFacts, toTable } from "./table.ts";

/** What a verb says: its result to stdout, notes to stderr. With --json the result is printed as it came, and nothing else. */
export interface Printer {
  json: boolean;
  /** Whether a person looks at it. */
  isTerminal: boolean;
  /** The whole result: as JSON when that was asked for, else what `show` prints. */
  result<T>(value: T, show: (value: T) => void): void;
  line(text: string): void;
  /** Text as it comes, without a line's end. */
  text(text: string): void;
  table(heading: string[], rows: Cell[][]): void;
  facts(facts: [name: string, value: Cell][]): void;
  note(text: string): void;
}

export function createPrinter({ stdout, stderr }: Io, json: boolean): Printer {
  const isTerminal = stdout.isTTY === true;
  // A model's words could steer a terminal; a program gets them as they are.
  const safe = (text: string) => (isTerminal ? visible(text) : text);
  const line = (text: string) => void stdout.write(`${safe(text)}\n`);
  return {
    json,
    isTerminal,
    result(value, show) {
      if (json) stdout.write(`${JSON.stringify(value, null, isTerminal ? 2 : undefined)}\n`);
      else show(value);
    },
    line,
    text: (text) => void stdout.write(safe(text)),
    table: (heading, rows) => line(toTable(heading, rows, isTerminal ? stdout.columns : undefined)),
    facts: (facts) => line(toFacts(facts)),
    note: (text) => void stderr.write(`${visible(text)}\n`),
  };
}
