import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { nameTable } from "../../base/nameTable.ts";

/** A pattern as this machine's regular expressions write it. */
export interface SearchPattern {
  source: string;
  flags: string;
  /** Texts of which every matching line has one, letters' case aside; undefined when that is not known. */
  literals?: string[];
}

/** Reads a regular expression, with what other dialects write otherwise: (?i), (?P<name>), \A, \z, \h, [[:alpha:]]. */
export function parseSearchPattern(pattern: string, ignoreCase: boolean): SearchPattern {
  const [, inline = "", rest = pattern] = /^\(\?([ims]+)\)([^]*)$/.exec(pattern) ?? [];
  const source = rest.replace(/\\[^]|\(\?P<|\[:(\w+):\]/g, (found: string, named?: string) => {
    if (named !== undefined) return CLASSES[named] ?? found;
    return OTHER_WORDS[found] ?? found;
  });
  // In a set, as in [^\n], it says nothing of a second line.
  const outside = source.replace(/\\[^n]|\[(?:\\[^]|[^\]\\])*\]/g, "");
  if (/\n|\\n/.test(outside))
    throw new AppError("bad_request", "The pattern has a line break, but lines are searched one by one; use context");
  const flags = ignoreCase || inline.includes("i") ? "i" : "";
  const literals = literalsOf(source);
  // What only the older grammar takes, as a lone brace or an escaped dash, is meant as it is written.
  const regex = [`${flags}u`, flags].map((form) => toRegex(source, form));
  const whole = regex.find((one) => one instanceof RegExp);
  if (!whole) throw new AppError("bad_request", `The pattern is no regular expression: ${String(regex.at(-1))}`);
  return { source, flags: whole.flags, ...defined({ literals }) };
}

function toRegex(source: string, flags: string): RegExp | string {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    return (error as Error).message;
  }
}

const OTHER_WORDS = nameTable<string>({ "(?P<": "(?<", "\\A": "^", "\\z": "$", "\\Z": "$", "\\h": "[ \\t]" });

const CLASSES = nameTable<string>({
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  word: "\\w",
  xdigit: "0-9a-fA-F",
  blank: " \\t",
});

const LEAST_LITERAL = 3;

/** One plain run of letters per alternative. ASCII only: in other encodings other letters have other bytes. */
function literalsOf(source: string): string[] | undefined {
  if (/[()[\]\\{}^$]/.test(source)) return undefined;
  const all = source.split("|").map((part) => {
    const runs = part.match(/[\w "'=<>/:;,@#%&~!`-]+(?![?*+])/g) ?? [];
    return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
  });
  return all.every((run) => run.length >= LEAST_LITERAL) ? all : undefined;
}
