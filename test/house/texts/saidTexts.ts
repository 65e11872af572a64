import { calleeName, parse, placeOf, textOf, walk } from "../syntax.ts";

/** A text that a person reads, as the code looks it up in the table of a language. */
export interface SaidText {
  /** Its English; what English says in one way and others in several has its meaning behind a slash. */
  key: string;
  /** How many values the code gives it; undefined where they are spread. */
  values: number | undefined;
  at: string;
}

/** Calls that say something, by the last part of their name. */
const SAYS = /^(?:.*\.)?(t|tAs|plural)$/;

/** Whether a call looks a text up. */
export function isSaying(name: string): boolean {
  return SAYS.test(name);
}

/** All that a file says through `t`, `tAs`, `plural` and the editor's `l10n.t`. */
export function saidTexts(file: string, source: string): SaidText[] {
  const found: SaidText[] = [];
  walk(parse(file, source), (node) => {
    const kind = SAYS.exec(calleeName(node, source))?.[1];
    if (kind === undefined) return;
    const at = placeOf(file, source, node);
    const args = node["arguments"] as Parameters<typeof textOf>[0][];
    const literals = args.map((arg) => (arg.type === "Literal" ? textOf(arg) : undefined));
    const say = (key: string | undefined, values: number | undefined) => {
      if (key === undefined) throw new Error(`${at}: what is said must be a literal`);
      found.push({ key, values, at });
    };
    if (kind === "tAs") say(`${literals[1]}/${literals[0]}`, 0);
    else if (kind === "plural") for (const key of [literals[1], literals[2]]) say(key, 1);
    else say(literals[0], args.some(({ type }) => type === "SpreadElement") ? undefined : args.length - 1);
  });
  return found;
}

/** "{0}" and so on, each once, in order. */
export function placeholdersOf(text: string): string[] {
  return [...new Set(text.match(/\{\d\}/g) ?? [])].toSorted();
}
