import { AppError } from "../../base/appError.ts";
import { nameTable } from "../../base/nameTable.ts";

/** A piece of a pattern: a letter, any one letter, any letters, or one of a set. */
type Piece = string | { any: "one" | "some" } | { is: (letter: string) => boolean };

const MAX_PATTERN = 2000;
const MAX_ALTERNATIVES = 256;

/**
 * Whether a path with "/" fits a pattern of `*`, `?`, `[a-z]`, `{a,b}` and, as a whole name, `**`. Takes time by the product
 * of the two lengths at the most, whatever the pattern. One that is not understood is a `bad_request`.
 */
export function wildcard(pattern: string): (path: string) => boolean {
  if (pattern.length > MAX_PATTERN)
    throw new AppError("bad_request", `The pattern has ${pattern.length} characters; it may have ${MAX_PATTERN}`);
  if (/(^|[^\\])[!@+]\(/.test(pattern))
    throw new AppError("bad_request", `${pattern} uses !(...), @(...) or +(...); write {a,b}, or search twice`);
  // At the end it stands for one name at least: a folder is not in itself.
  const all = alternatives(pattern).map((one) =>
    one
      .replace(/\/\*\*$/, "/**/*")
      .split("/")
      .map(toName),
  );
  return (path) => {
    const names = path.split("/").map((name) => [...name]);
    return all.some((wanted) => fitsAll(wanted, names));
  };
}

type Name = Piece[] | "**";

/** Names against names; `**` stands for any number of them. */
function fitsAll(wanted: Name[], names: string[][]): boolean {
  return walkStars(wanted, names, (one) => one === "**", fitsName);
}

function fitsName(wanted: Name, name: string[]): boolean {
  return wanted === "**" || walkStars(wanted, name, isSome, fitsLetter);
}

const isSome = (piece: Piece): boolean => typeof piece === "object" && "any" in piece && piece.any === "some";

function fitsLetter(piece: Piece, letter: string): boolean {
  if (typeof piece === "string") return piece === letter;
  return "any" in piece || piece.is(letter);
}

/** The old way to match stars: only the last one is ever tried again, one further each time. */
function walkStars<W, T>(wanted: W[], things: T[], isStar: (one: W) => boolean, fits: (one: W, thing: T) => boolean) {
  let [at, thing] = [0, 0];
  let star: { at: number; thing: number } | undefined;
  while (thing < things.length) {
    if (at < wanted.length && isStar(wanted[at]!)) star = { at: (at += 1), thing };
    else if (at < wanted.length && fits(wanted[at]!, things[thing]!)) [at, thing] = [at + 1, thing + 1];
    else if (star) [at, thing] = [star.at, (star.thing += 1)];
    else return false;
  }
  return wanted.slice(at).every(isStar);
}

function toName(text: string): Name {
  if (text === "**") return "**";
  const letters = [...text];
  const pieces: Piece[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at]!;
    if (letter === "\\" && at + 1 < letters.length) pieces.push(letters[(at += 1)]!);
    else if (letter === "*") {
      if (!isSome(pieces.at(-1) ?? "")) pieces.push({ any: "some" });
    } else if (letter === "?") pieces.push({ any: "one" });
    else if (letter === "[") {
      const set = readSet(letters, at);
      pieces.push(set ? { is: set.is } : letter);
      at = set?.end ?? at;
    } else pieces.push(letter);
  }
  return pieces;
}

const CLASSES = nameTable<RegExp>({
  alpha: /\p{L}/u,
  digit: /\d/,
  alnum: /[\p{L}\d]/u,
  upper: /\p{Lu}/u,
  lower: /\p{Ll}/u,
  space: /\s/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[\da-f]/i,
});

/** After "[": what is in it, and where it is closed; undefined when it is not, for then it is a letter. */
function readSet(letters: string[], start: number): { is: (letter: string) => boolean; end: number } | undefined {
  let at = start + 1;
  const isNot = letters[at] === "!" || letters[at] === "^";
  if (isNot) at += 1;
  const parts: ((letter: string) => boolean)[] = [];
  for (let isFirst = true; at < letters.length; isFirst = false, at += 1) {
    const letter = letters[at]!;
    if (letter === "]" && !isFirst) return { end: at, is: (one) => parts.some((part) => part(one)) !== isNot };
    const named = letter === "[" ? /^\[:(\w+):\]/.exec(letters.slice(at, at + 12).join("")) : null;
    if (named && CLASSES[named[1]!]) {
      const kind = CLASSES[named[1]!]!;
      parts.push((one) => kind.test(one));
      at += named[0].length - 1;
      continue;
    }
    const from = letter === "\\" ? letters[(at += 1)]! : letter;
    if (letters[at + 1] === "-" && letters[at + 2] !== undefined && letters[at + 2] !== "]") {
      const to = letters[(at += 2)]!;
      parts.push((one) => one.codePointAt(0)! >= from.codePointAt(0)! && one.codePointAt(0)! <= to.codePointAt(0)!);
    } else parts.push((one) => one === from);
  }
  return undefined;
}

/** "a{b,c}d" -> "abd", "acd". Braces without a comma are letters. */
function alternatives(pattern: string): string[] {
  const open = findOpen(pattern);
  if (!open) return [pattern];
  const rests = alternatives(pattern.slice(open.end + 1));
  const all = open.parts
    .flatMap(alternatives)
    .flatMap((part) => rests.map((rest) => pattern.slice(0, open.start) + part + rest));
  if (all.length > MAX_ALTERNATIVES)
    throw new AppError("bad_request", `The pattern stands for more than ${MAX_ALTERNATIVES} others; make it simpler`);
  return all;
}

/** The first braces with a comma in them. */
function findOpen(pattern: string): { start: number; end: number; parts: string[] } | undefined {
  for (let start = pattern.indexOf("{"); start >= 0; start = pattern.indexOf("{", start + 1)) {
    if (pattern[start - 1] === "\\") continue;
    const parts: string[] = [];
    let from = start + 1;
    let depth = 0;
    for (let at = from; at < pattern.length; at += 1) {
      const letter = pattern[at];
      if (letter === "\\") at += 1;
      else if (letter === "{") depth += 1;
      else if (letter === "," && depth === 0) {
        parts.push(pattern.slice(from, at));
        from = at + 1;
      } else if (letter === "}" && depth > 0) depth -= 1;
      else if (letter === "}") {
        parts.push(pattern.slice(from, at));
        if (parts.length > 1) return { start, end: at, parts };
        break;
      }
    }
  }
  return undefined;
}
