/** Something as people may see it, with "…" in place of what it holds in confidence; and that itself. */
export interface Concealed<T> {
  shown: T;
  hidden: string[];
}

const NAME = String.raw`[\w-]*(?:key|token|secret|passw)[\w-]*`;
const NAMED = new RegExp(`^(${NAME}=)(.+)$`, "is");
const NAME_ALONE = new RegExp(`^-${NAME}$`, "i");
const HEADER = /^(authorization|cookie|[\w-]*(?:key|token|secret|passw|auth)[\w-]*)(\s*:\s*)(.+)$/is;
/** A part of a path as long as no word, of letters and digits: some give each user an address of their own. */
const LONG_PART = /^(?=.*\d)(?=.*[a-z])[\w-]{24,}$/i;

/** What stands in arguments behind `--token`, in `API_KEY=…` and in a header. */
export function concealArguments(args: string[]): Concealed<string[]> {
  const hidden: string[] = [];
  const shown = args.map((arg, at) => {
    if (NAME_ALONE.test(args[at - 1] ?? "")) return conceal(arg, "", hidden);
    const [, before, value] = NAMED.exec(arg) ?? [];
    if (value !== undefined) return conceal(value, before!, hidden);
    const [, header, colon, word] = HEADER.exec(arg) ?? [];
    return word === undefined ? arg : conceal(word, `${header}${colon}`, hidden);
  });
  return { shown, hidden };
}

/** What an address holds in its query, as a name and password, or as a part of its path that nobody could guess. */
export function concealAddress(url: string): Concealed<string> {
  const { origin, pathname, searchParams, username, password } = new URL(url);
  const parts = pathname.split("/");
  const hidden = [username, password, ...parts.filter((part) => LONG_PART.test(part))];
  for (const [name, value] of searchParams) if (new RegExp(NAME, "i").test(name)) hidden.push(value);
  const path = parts.map((part) => (LONG_PART.test(part) ? "…" : part)).join("/");
  return { shown: `${origin}${path}${searchParams.size === 0 ? "" : "?…"}`, hidden: hidden.filter(Boolean) };
}

/** A command line for a shell, with its words as they stand; or a program with its arguments. */
export function concealCommand(command: string | string[]): Concealed<string | string[]> {
  if (typeof command !== "string") return concealArguments(command);
  const words = command.split(/(\s+)/);
  const { shown, hidden } = concealArguments(words.filter((_, at) => at % 2 === 0));
  return { shown: words.map((word, at) => (at % 2 === 0 ? shown[at / 2]! : word)).join(""), hidden };
}

function conceal(value: string, before: string, hidden: string[]): string {
  hidden.push(value);
  return `${before}…`;
}
