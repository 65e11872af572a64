import { isKeyName, isSecretName, isSecretPlace } from "../../base/text/secretField.ts";

/** Something as people may see it, with "…" in place of what it holds in confidence; and that itself. */
export interface Concealed<T> {
  shown: T;
  hidden: string[];
}

/** Of a part of a query alone: elsewhere these words name other things. */
const QUERY_NAME = /^(code|sig|signature|auth)$/i;
const SCHEME = /^(basic|bearer|token)\s+/i;
/** For which a shell puts what is not written here. */
const VARIABLE = /^(\$([A-Z_][A-Z\d_]*)?|\$\{\w+\}|\$env:\w+|%\w+%)$/;
/** What another variable is called: where a key is, and not the key. */
const OTHER_VARIABLE = /^[A-Z][A-Z\d]*(_[A-Z\d]+)+$/;
const DIGITS = /^\d+$/;
const ADDRESS = /\b[a-z][a-z\d+.-]{0,30}:\/\/[^\s"'<>]+/gi;
/** Where each of several begins that stand in one word: a list of them, or one that is in another's query. */
const EACH_ADDRESS = /(?=\b[a-z][a-z\d+.-]{0,30}:\/\/)/i;
/** Its scheme, who and where, its path and the rest. Many write a password with a "?" or "#" as it is; a port is none. */
const ADDRESS_PARTS = /^([^:]+:\/\/)((?:[^/?#:@]*:(?!\d+[?#])[^/@]*@)?[^/?#]*)([^?#]*)(.*)$/s;
/** A part of a path as long as no word, of letters and digits: some give each user an address of their own. */
const LONG_PART = /^(?=.*\d)(?=.*[a-z])[\w-]{24,}$/i;
/** A word of a line, with its quotes. One that is not closed is a letter like others. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;|&<>()]|["'\\])+/gs;

/** What counts of a header's value: a text may hold it without the scheme before it. */
export function withoutScheme(value: string): string {
  return value.replace(SCHEME, "");
}

/** What stands in arguments behind `--token`, in `API_KEY=…`, in a header, and in lines among them. */
export function concealArguments(args: string[]): Concealed<string[]> {
  return concealWords(args, true);
}

/** `mayBeLines`: a word with blanks may be a whole line for a shell, as behind `-c`; those of a line are none. */
function concealWords(args: string[], mayBeLines: boolean): Concealed<string[]> {
  const hidden: string[] = [];
  const shown = args.map((arg, at) => {
    const secret = secretIn(arg, args[at - 1]);
    if (secret !== undefined) {
      // Of a line the first word alone is one.
      if (mayBeLines && /\s/.test(secret) && secret !== arg) concealLine(arg, hidden);
      // What is assigned, or in a header, is the value itself.
      const isNamed = (secret === arg || arg.startsWith("-")) && OTHER_VARIABLE.test(secret);
      return arg.slice(0, arg.length - secret.length) + (isNamed ? secret : conceal(secret, hidden));
    }
    const object = concealObject(arg, hidden);
    if (object !== undefined) return object;
    return /\s/.test(arg) ? concealLine(arg, hidden) : concealAddresses(arg, hidden);
  });
  return { shown, hidden };
}

/** What an address holds in its query, as a name and password, or as a part of its path that nobody could guess. */
export function concealAddress(url: string): Concealed<string> {
  const hidden: string[] = [];
  const { protocol, host, pathname, search } = new URL(url);
  concealAddresses(url, hidden);
  return { shown: `${protocol}//${host}${concealPath(pathname, [])}${search === "" ? "" : "?…"}`, hidden };
}

/** A command line for a shell, with its words as they stand; or a program with its arguments. */
export function concealCommand(command: string | string[]): Concealed<string | string[]> {
  if (typeof command !== "string") return concealArguments(command);
  const hidden: string[] = [];
  return { shown: concealLine(command, hidden), hidden };
}

/** The line without what it holds in confidence, which is added to `hidden`. */
function concealLine(line: string, hidden: string[]): string {
  const plain = (line.match(WORD) ?? []).map(withoutQuotes);
  const concealed = concealWords(plain, false);
  hidden.push(...concealed.hidden);
  let at = -1;
  return line.replace(WORD, (word) => {
    const shown = concealed.shown[++at]!;
    const [, quote = ""] = /^(["']).*\1$/s.exec(word) ?? [];
    return shown === plain[at] ? word : `${quote}${shown}${quote}`;
  });
}

function withoutQuotes(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(\s)/gs,
    (_, double?: string, single?: string, space?: string) =>
      double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? space ?? "",
  );
}

/** What the addresses in a word hold: names and passwords, parts of paths that nobody could guess, keys in queries. */
function concealAddresses(word: string, hidden: string[]): string {
  return word
    .replace(ADDRESS, (addresses) =>
      addresses
        .split(EACH_ADDRESS)
        .map((address) => concealUser(address, hidden))
        .join(""),
    )
    .replace(/(?<=[?&]([\w-]+)=)[^\s&#]+/g, (value, name: string) =>
      isKeyName(name) || QUERY_NAME.test(name) ? concealPart(value, hidden) : value,
    );
}

function concealUser(address: string, hidden: string[]): string {
  const [, scheme, authority = "", path = "", rest = ""] = ADDRESS_PARTS.exec(address) ?? [];
  if (scheme === undefined) return address;
  const end = authority.lastIndexOf("@");
  const [name = "", ...more] = authority.slice(0, Math.max(0, end)).split(":");
  const password = more.join(":");
  // A key may be given as the name. Who comes over SSH is called "git".
  const isKey = name !== "" && (/http/i.test(scheme) ? password === "" || LONG_PART.test(name) : LONG_PART.test(name));
  const user = isKey ? concealPart(name, hidden) : name;
  const pass = password === "" ? "" : `:${concealPart(password, hidden)}`;
  const host = end === -1 ? authority : `${user}${pass}@${authority.slice(end + 1)}`;
  return `${scheme}${host}${concealPath(path, hidden)}${rest}`;
}

function concealPath(path: string, hidden: string[]): string {
  return path
    .split("/")
    .map((part) => (LONG_PART.test(part) ? concealPart(part, hidden) : part))
    .join("/");
}

/** Of an address: who sends it on may write it out. */
function concealPart(value: string, hidden: string[]): string {
  const shown = conceal(value, hidden);
  const plain = decoded(value);
  if (plain !== value) conceal(plain, hidden);
  return shown;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A word that is a JSON object, or an option with one, by the names in it; undefined for any other. */
function concealObject(word: string, hidden: string[]): string | undefined {
  const [, option = "", text] = /^([\w-]*=)?(\{.*\})$/s.exec(word) ?? [];
  const object = text === undefined ? undefined : parseObject(text);
  if (text === undefined || object === undefined) return undefined;
  const shown = JSON.stringify(concealWithin(object, hidden));
  return option + (shown === JSON.stringify(object) ? text : shown);
}

function concealWithin(value: unknown, hidden: string[], name = ""): unknown {
  if (typeof value === "string") {
    if (!isSecretName(name)) return concealAddresses(value, hidden);
    return OTHER_VARIABLE.test(value) ? value : conceal(value, hidden);
  }
  if (Array.isArray(value)) return value.map((item) => concealWithin(item, hidden, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, concealWithin(item, hidden, key)]));
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function conceal(value: string, hidden: string[]): string {
  const word = withoutScheme(value);
  if (isSecretPlace(word)) return value;
  if (!VARIABLE.test(word) && !DIGITS.test(word)) hidden.push(word);
  return "…";
}

/** The end of an argument, from where it is in confidence. */
function secretIn(arg: string, before = ""): string | undefined {
  const [, option = ""] = /^-+([\w-]+)$/.exec(before) ?? [];
  if (isKeyName(option) && !arg.startsWith("-")) return arg;
  const [, name = "", value] = /^([\w-]+)=(.+)$/s.exec(arg) ?? [];
  if (value !== undefined) return isKeyName(name) ? value : secretIn(value);
  const [, header = "", word] = /^([\w-]+)\s*:\s*(.+)$/s.exec(arg) ?? [];
  return isSecretName(header) ? word : undefined;
}
