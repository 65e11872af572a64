/** Something as people may see it, with "…" in place of what it holds in confidence; and that itself. */
export interface Concealed<T> {
  shown: T;
  hidden: string[];
}

const KEY_NAME = /key(?!cloak|board|word)|token|secret|passw/i;
const SECRET_NAME = new RegExp(`${KEY_NAME.source}|auth(?!or(?!i[sz]))|credential|cookie`, "i");
const PLACE_NAME = /[-_](file|path|dir|sock|url|host)$/i;
const SCHEME = /^(basic|bearer|token)\s+/i;
/** For which a shell puts what is not written here. */
const VARIABLE = /^(\$([A-Z_][A-Z\d_]*)?|\$\{\w+\}|\$env:\w+|%\w+%)$/;
/** A part of a path as long as no word, of letters and digits: some give each user an address of their own. */
const LONG_PART = /^(?=.*\d)(?=.*[a-z])[\w-]{24,}$/i;
/** A word of a line, with its quotes. One that is not closed is a letter like others. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;|&<>()]|["'\\])+/gs;

/** Whether what a variable or a header of this name holds is in confidence. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !PLACE_NAME.test(name);
}

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
      return arg.slice(0, arg.length - secret.length) + conceal(secret, hidden);
    }
    return /\s/.test(arg) ? concealLine(arg, hidden) : concealInAddress(arg, hidden);
  });
  return { shown, hidden };
}

/** What an address holds in its query, as a name and password, or as a part of its path that nobody could guess. */
export function concealAddress(url: string): Concealed<string> {
  const { origin, pathname, searchParams, username, password } = new URL(url);
  const parts = pathname.split("/");
  const hidden = [username, password, ...parts.filter((part) => LONG_PART.test(part))];
  for (const [name, value] of searchParams) if (isKeyName(name)) hidden.push(value);
  const path = parts.map((part) => (LONG_PART.test(part) ? "…" : part)).join("/");
  return { shown: `${origin}${path}${searchParams.size === 0 ? "" : "?…"}`, hidden: hidden.filter(Boolean) };
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

/** The password of a word that may be an address, and what its query holds. */
function concealInAddress(word: string, hidden: string[]): string {
  return word
    .replace(/(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/, (value) => conceal(value, hidden))
    .replace(/(?<=[?&]([\w-]+)=)[^\s&#]+/g, (value, name: string) =>
      isKeyName(name) ? conceal(value, hidden) : value,
    );
}

function conceal(value: string, hidden: string[]): string {
  const word = withoutScheme(value);
  if (!VARIABLE.test(word)) hidden.push(word);
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

/** Of an option, or a part of a query: others than these name how one signs in, or who wrote it. */
function isKeyName(name: string): boolean {
  return KEY_NAME.test(name) && !PLACE_NAME.test(name);
}
