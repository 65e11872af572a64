import { NotUnderstood, type ShellWord } from "./shellCommand.ts";

/** Where words are read from, and where the commands inside them go. */
export interface WordSource {
  readonly text: string;
  at: number;
  readSubstitution(): void;
  readNested(text: string): void;
}

export const WORD_ENDS = new Set([..." \t\n;&|<>()"]);

/** Reads one word; there must be one. Commands in its substitutions are reported to the source. */
export function readWord(source: WordSource): ShellWord {
  const word: ShellWord = { text: "", literal: true };
  const { text } = source;
  const start = source.at;
  const braces: Braces = { open: [], isFilled: false };
  let isFirst = true;
  for (; ; isFirst = false) {
    const char = text[source.at];
    if (char === undefined) break;
    if ((char === "<" || char === ">") && isFirst && text[source.at + 1] === "(") {
      source.at += 2;
      source.readSubstitution();
      expand(word, "one");
      continue;
    }
    if (WORD_ENDS.has(char)) {
      if (char === "(") throw new NotUnderstood("a function, an array or an extended pattern");
      break;
    }
    source.at += 1;
    if (char === "'") readSingleQuotes(source, word);
    else if (char === '"') readDoubleQuotes(source, word);
    else if (char === "\\") readEscape(source, word);
    else if (char === "$" || char === "`") readExpansion(source, word, char);
    else {
      word.text += char;
      if (char === "{") braces.open.push(word.text.length);
      else if (char === "}") closeBrace(source, word, braces);
      if ("*?[".includes(char) || (char === "~" && /(^|[:=])~$/.test(word.text))) word.literal = false;
    }
  }
  // Before "<" and ">" a name in braces is no word for some shells.
  if (braces.open.length > 0 || (braces.isFilled && "<>".includes(text[source.at] ?? " "))) throw ofBraces();
  // The program of that name: no pattern of files.
  if (text.slice(start, source.at) === "[") word.literal = true;
  word.place = { start, end: source.at };
  return word;
}

interface Braces {
  /** Behind which letters of the word they began. */
  open: number[];
  /** Whether something stood in some. */
  isFilled: boolean;
}

/** Some shells expand {a,b} and {1..3}; "{}" and "HEAD@{1}" are plain everywhere. */
function closeBrace(source: WordSource, word: ShellWord, braces: Braces): void {
  const from = braces.open.pop();
  if (from === undefined) {
    if (source.text[source.at - 2] !== "{") throw ofBraces();
    return;
  }
  const inner = word.text.slice(from, -1);
  // "fd -x git {/}" gets words from elsewhere.
  if (/,|\.\.|^(\/\/?|\.|\/\.)$/.test(inner)) throw ofBraces();
  braces.isFilled ||= inner !== "";
}

function ofBraces(): NotUnderstood {
  return new NotUnderstood("braces, which some shells expand");
}

function readEscape(source: WordSource, word: ShellWord): void {
  const next = source.text[source.at];
  if (next === undefined) throw new NotUnderstood("it ends with a backslash");
  source.at += 1;
  if (next !== "\n") word.text += next;
}

function readSingleQuotes(source: WordSource, word: ShellWord): void {
  const end = source.text.indexOf("'", source.at);
  if (end < 0) throw new NotUnderstood("a quote is not closed");
  word.text += source.text.slice(source.at, end);
  source.at = end + 1;
}

function readDoubleQuotes(source: WordSource, word: ShellWord): void {
  for (;;) {
    const char = source.text[source.at];
    if (char === undefined) throw new NotUnderstood("a quote is not closed");
    source.at += 1;
    if (char === '"') return;
    if (char === "\\" && '$`"\\\n'.includes(source.text[source.at] ?? " ")) readEscape(source, word);
    else if (char === "$" || char === "`") readExpansion(source, word, char, true);
    else word.text += char;
  }
}

/** After a "$" or a backtick. A lone "$" is only itself. */
function readExpansion(source: WordSource, word: ShellWord, char: string, quoted = false): void {
  const { text } = source;
  const count = quoted ? "one" : "many";
  if (char === "`") {
    readBackticks(source);
    expand(word, count);
  } else if (text.startsWith("\\\n", source.at)) throw new NotUnderstood("an expansion over two lines");
  else if (text.startsWith("((", source.at)) throw new NotUnderstood("arithmetic");
  else if (text[source.at] === "(") {
    source.at += 1;
    source.readSubstitution();
    expand(word, count);
  } else if (text[source.at] === "[") throw new NotUnderstood("arithmetic");
  else if (text[source.at] === "{") readBraces(source, word, count);
  else if (!quoted && (text[source.at] === "'" || text[source.at] === '"'))
    throw new NotUnderstood("$'...' and $\"...\"");
  else {
    const name = /^([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(source.at, source.at + 200))?.[0] ?? "";
    source.at += name.length;
    word.text += `$${name}`;
    if (name !== "") expand(word, name === "@" ? "many" : count);
  }
}

function expand(word: ShellWord, count: "one" | "many"): void {
  word.literal = false;
  if (word.expands !== "many") word.expands = count;
}

function readBraces(source: WordSource, word: ShellWord, count: "one" | "many"): void {
  const match = /^\{[#!]?[A-Za-z_0-9@*#?$!-]+(:?[-+=?]|[%#]{1,2}|:)?[^{}$`'"\\]*\}/.exec(
    source.text.slice(source.at, source.at + 500),
  );
  if (!match) throw new NotUnderstood("an expansion with something inside it");
  source.at += match[0].length;
  word.text += `$${match[0]}`;
  expand(word, match[0].includes("@") ? "many" : count);
}

function readBackticks(source: WordSource): void {
  let inner = "";
  for (;;) {
    const char = source.text[source.at];
    if (char === undefined) throw new NotUnderstood("a backtick is not closed");
    source.at += 1;
    if (char === "`") return source.readNested(inner);
    if (char === "\\" && "$`\\".includes(source.text[source.at] ?? " ")) inner += source.text[source.at++];
    else inner += char;
  }
}
