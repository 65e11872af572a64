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

/**
 * Reads a regular expression, with what other dialects write otherwise: (?i), (?P<name>), \A, \z, \h, \<, \Q...\E, \x{41}, \pL,
 * [[:alpha:]], []x], a lone brace. `bad_request` for what this machine's does not know.
 */
export function parseSearchPattern(pattern: string, ignoreCase: boolean): SearchPattern {
  const [, inline = "", rest = pattern] = /^\(\?([ims]+)\)([^]*)$/.exec(pattern) ?? [];
  const source = translated(rest);
  // In a set, as in [^\n], it says nothing of a second line.
  const outside = source.replace(/\\[^n]|\[(?:\\[^]|[^\]\\])*\]/g, "");
  if (/\n|\\n/.test(outside))
    throw new AppError("bad_request", "The pattern has a line break, but lines are searched one by one; use context");
  const flags = ignoreCase || inline.includes("i") ? "iu" : "u";
  const literals = literalsOf(source);
  try {
    void new RegExp(source, flags);
  } catch (error) {
    throw new AppError("bad_request", `The pattern is no regular expression: ${(error as Error).message}`);
  }
  return { source, flags, ...defined({ literals }) };
}

const TOKEN =
  /\\Q(?<quoted>[^]*?)(?:\\E|$)|\\x\{(?<code>[\da-fA-F]+)\}|\\[pPu]\{[^}]*\}|\\k<[^>]*>|\\(?<kind>[pP][A-Z])|\\(?<escaped>[^])|\(\?P(?:(?<group><)|=(?<again>\w+)\))|\[:(?<named>\^?\w+):\]|(?<dash>-(?=\\[dDwWsShpP]|\[:))|\{\d+(?:,\d*)?\}|\[\]|\[\^\](?=\])|[^]/gu;

/** In the one grammar in which a backslash before any other letter is a fault, and not that letter. */
function translated(pattern: string): string {
  let isInSet = false;
  let wasClass = false;
  return pattern.replace(TOKEN, (...found) => {
    const [token] = found as [string];
    const groups = found.at(-1) as Record<string, string | undefined>;
    const isOut = !isInSet;
    const isAfterClass = wasClass && isInSet;
    wasClass = false;
    if (groups["quoted"] !== undefined)
      return groups["quoted"].replace(/[\\^$.*+?()[\]{}|/-]/g, (sign) => quoted(sign, isOut));
    if (groups["code"] !== undefined) return `\\u{${groups["code"]}}`;
    if (groups["kind"] !== undefined) return ((wasClass = true), `\\${groups["kind"][0]}{${groups["kind"][1]}}`);
    if (groups["escaped"] !== undefined) {
      wasClass = /[dDwWsSh]/.test(groups["escaped"]);
      return unescaped(token, groups["escaped"], isOut);
    }
    if (groups["named"] !== undefined) {
      const named = CLASSES[groups["named"]];
      if (groups["named"].startsWith("^") || (named === undefined && isInSet)) throw unknown(token);
      if (named !== undefined) wasClass = true;
      return named === undefined ? token : isOut ? `[${named}]` : named;
    }
    if (token.startsWith("\\")) return ((wasClass = /^\\p/i.test(token)), token);
    if (isInSet) {
      isInSet = !token.endsWith("]");
      return groups["dash"] !== undefined || (token === "-" && isAfterClass) ? "\\-" : token;
    }
    if (groups["group"] !== undefined) return "(?<";
    if (groups["again"] !== undefined) return `\\k<${groups["again"]}>`;
    isInSet = token.startsWith("[");
    // As its first letter it ends no set, but in this grammar.
    if (isInSet && token !== "[") return token.replace("]", "\\]");
    return /^[{}\]]$/.test(token) ? `\\${token}` : token;
  });
}

/** A sign of the grammar as itself. */
const quoted = (sign: string, isOut: boolean): string => (sign === "-" && isOut ? sign : `\\${sign}`);

function unescaped(token: string, sign: string, isOut: boolean): string {
  const other = (isOut ? OTHER_WORDS : OTHER_IN_SETS)[token];
  if (other !== undefined) return other;
  if (/[dDwWsSbBnrtfvuxck\d^$\\.*+?()[\]{}|/]/.test(sign) || (sign === "-" && !isOut)) return token;
  if (/[a-z]/i.test(sign)) throw unknown(token);
  return sign;
}

const unknown = (token: string): AppError =>
  new AppError("bad_request", `The pattern has ${token}, which the regular expressions here do not know`);

const OTHER_WORDS = nameTable<string>({
  "\\A": "^",
  "\\z": "$",
  "\\Z": "$",
  "\\h": "[ \\t]",
  "\\<": "\\b(?=\\w)",
  "\\>": "\\b(?<=\\w)",
});

const OTHER_IN_SETS = nameTable<string>({ "\\h": " \\t" });

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
  punct: "!-/:-@\\[-`{-~",
  cntrl: "\\x00-\\x1f\\x7f",
  graph: "!-~",
  print: " -~",
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
