/** What a regular expression is made of. */
export type Term =
  | { kind: "one"; matches: (letter: string) => boolean }
  | { kind: "assert"; holds: (letters: string[], at: number) => boolean }
  | { kind: "look"; of: Term; negated: boolean }
  | { kind: "all"; of: Term[] }
  | { kind: "any"; of: Term[] }
  | { kind: "repeat"; of: Term; min: number; max: number };

interface Reader {
  source: string;
  at: number;
  depth: number;
}

const MOST_DEPTH = 100;
const MOST_COUNT = 1000;

/** Throws an Error with a sentence. */
export function parsePattern(source: string): Term {
  if (!FLAGS.some((flags) => toRegExp(source, flags))) throw new Error("it is no regular expression");
  return readChoice({ source, at: 0, depth: 0 });
}

// Many patterns are written for the older syntax.
const FLAGS = ["u", ""];

/** The language's own reader says whether it is a pattern at all, so that what is read here needs no second check. */
function toRegExp(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

function readChoice(reader: Reader): Term {
  if (++reader.depth > MOST_DEPTH) throw new Error("it is nested too deep");
  const choices: Term[] = [readSequence(reader)];
  while (reader.source[reader.at] === "|") {
    reader.at += 1;
    choices.push(readSequence(reader));
  }
  reader.depth -= 1;
  return choices.length === 1 ? choices[0]! : { kind: "any", of: choices };
}

function readSequence(reader: Reader): Term {
  const terms: Term[] = [];
  while (reader.at < reader.source.length && !/[|)]/.test(reader.source[reader.at]!)) terms.push(readRepeated(reader));
  return { kind: "all", of: terms };
}

function readRepeated(reader: Reader): Term {
  const of = readTerm(reader);
  const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(reader.source.slice(reader.at, reader.at + 40));
  if (!found) return of;
  reader.at += found[0].length;
  const [sign, from, comma, to] = found;
  const min = from === undefined ? (sign[0] === "+" ? 1 : 0) : Number(from);
  const max = from === undefined ? (sign[0] === "?" ? 1 : Infinity) : comma ? (to ? Number(to) : Infinity) : min;
  if (Math.max(min, max === Infinity ? 0 : max) > MOST_COUNT) throw new Error(`it counts above ${MOST_COUNT}`);
  return { kind: "repeat", of, min, max };
}

const isWord = (letter: string | undefined): boolean => letter !== undefined && /^\w$/.test(letter);
const isEdge = (letters: string[], at: number): boolean => isWord(letters[at - 1]) !== isWord(letters[at]);

function readTerm(reader: Reader): Term {
  const rest = reader.source.slice(reader.at, reader.at + 80);
  const skip = (text: string): void => void (reader.at += text.length);
  if (rest[0] === "(") return readGroup(reader);
  if (rest[0] === "^") {
    skip("^");
    return { kind: "assert", holds: (_letters, at) => at === 0 };
  }
  if (rest[0] === "$") {
    skip("$");
    return { kind: "assert", holds: (letters, at) => at === letters.length };
  }
  if (/^\\[bB]/.test(rest)) {
    skip("\\b");
    return { kind: "assert", holds: (letters, at) => isEdge(letters, at) === (rest[1] === "b") };
  }
  if (/^\\(?:[1-9]|k<)/.test(rest)) throw new Error("it refers back to a group");
  return oneOf(reader, readOne(reader));
}

/** The source of what stands for one letter. */
function readOne({ source, at: from }: Reader): string {
  if (source[from] === "[") {
    let at = from + 1;
    for (; source[at] !== "]"; at += 1) if (source[at] === "\\") at += 1;
    return source.slice(from, at + 1);
  }
  const escape = /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}(?:\\u[\da-fA-F]{4})?|x[\da-fA-F]{2}|c[A-Za-z]|[^])/u;
  const found = escape.exec(source.slice(from, from + 60));
  if (!found) return String.fromCodePoint(source.codePointAt(from)!);
  const pair = /^\\u(d[89ab]..)\\u(d[c-f]..)$/i.exec(found[0]);
  return found[0].length === 12 && !pair ? found[0].slice(0, 6) : found[0];
}

/** The language itself says whether a letter is meant: asked of one letter at a time it is quick, whatever stands there. */
function oneOf(reader: Reader, source: string): Term {
  reader.at += source.length;
  const bare = /^[{}\]]$/.test(source) ? `\\${source}` : source;
  const pattern = toRegExp(`^${bare}$`, "u") ?? toRegExp(`^${bare}$`, "");
  if (!pattern) throw new Error(`${source} in it is not understood`);
  const known = new Map<string, boolean>();
  const matches = (letter: string): boolean => {
    const before = known.get(letter);
    if (before !== undefined) return before;
    const is = pattern.test(letter);
    if (known.size < 256) known.set(letter, is);
    return is;
  };
  return { kind: "one", matches };
}

function readGroup(reader: Reader): Term {
  const [head] = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/.exec(reader.source.slice(reader.at))!;
  if (head === "(?<=" || head === "(?<!") throw new Error("it looks behind");
  if (/^\(\?[a-z-]+:/.test(head)) throw new Error("it changes its flags within");
  reader.at += head.length;
  const of = readChoice(reader);
  reader.at += 1;
  return head === "(?=" || head === "(?!" ? { kind: "look", of, negated: head === "(?!" } : of;
}
