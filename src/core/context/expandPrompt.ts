import { AppError } from "../../base/appError.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { Prompt, PromptArguments } from "../../protocol/context/prompt.ts";

// ${input:name}, ${input:name:placeholder}, ${workspaceFolder}, $ARGUMENTS, $1. What does not end is not looked through to the end of its line.
const VARIABLE =
  /\$\{input:(?<input>[^:}\n]{1,100})(?::(?<placeholder>[^}\n]{0,1000}))?\}|\$\{(?<folder>workspaceFolder|workspaceFolderBasename|workspaceRoot)\}|\$(?<all>ARGUMENTS)\b|\$(?<nth>[1-9])(?!\d)/g;

const MOST_CHARS = 200_000;

/** What a text asks for by name, each once, in its order. */
export function inputsOf(body: string): Prompt["inputs"] {
  const found = new Map<string, string | undefined>();
  for (const [, name, placeholder] of body.matchAll(VARIABLE))
    if (name !== undefined && !found.get(name.trim())) found.set(name.trim(), placeholder || undefined);
  return [...found].map(([name, placeholder]) => (placeholder === undefined ? { name } : { name, placeholder }));
}

export interface Expansion {
  name: string;
  body: string;
  given: PromptArguments;
  workspace: string | undefined;
}

/**
 * A prompt's text with what was given put in: once, so that what is put in stands as it is. What no variable takes stands
 * behind the text. bad_request for what is missing or unknown.
 */
export function expandPrompt({ name, body, given, workspace = "" }: Expansion): string {
  const inputs = inputsOf(body);
  const text = typeof given === "string" ? given.trim() : "";
  const { values, rest } = argumentValues(name, inputs, given);
  const missing = inputs.filter((input) => !values.has(input.name));
  if (missing.length > 0)
    throw new AppError("bad_request", `The prompt ${name} needs ${missing.map(toWords).join(", ")}`);
  const words = wordsOf(text).map(({ word }) => word);
  const put = (variable: Variable): string | undefined => {
    const { input, folder, all, nth } = variable;
    if (input !== undefined) return values.get(input.trim())!;
    if (folder !== undefined) return folder.endsWith("Basename") ? (workspace.split(/[\\/]/).at(-1) ?? "") : workspace;
    return all === undefined ? words[Number(nth) - 1] : text;
  };
  const parts: string[] = [];
  let isTaken = false;
  let [end, chars] = [0, 0];
  for (const found of body.matchAll(VARIABLE)) {
    const variable = found.groups as unknown as Variable;
    // "$5" is also a price.
    const value = put(variable) ?? found[0];
    isTaken ||= variable.all !== undefined || (variable.nth !== undefined && value !== found[0]);
    parts.push(body.slice(end, found.index), value);
    end = found.index + found[0].length;
    chars += value.length;
    if (chars > MOST_CHARS) throw tooLong(name);
  }
  const told = [...parts, body.slice(end)].join("");
  const expanded = isTaken || rest === "" ? told : `${told}\n\n${rest}`;
  if (expanded.length > MOST_CHARS) throw tooLong(name);
  return expanded;
}

/** What a variable is: exactly one of them is there. */
interface Variable {
  input?: string;
  folder?: string;
  all?: string;
  nth?: string;
}

function tooLong(name: string): AppError {
  return new AppError(
    "bad_request",
    `With these arguments the prompt ${name} is too long: it may have ${MOST_CHARS} characters`,
  );
}

/** As it is typed: "/review src --deep"; named arguments as name=value. */
export function toTyped(name: string, given: PromptArguments): string {
  if (typeof given === "string") return `/${name} ${given.trim()}`.trim();
  const named = Object.entries(given).map(
    ([key, value]) => `${key}=${/[\s"']/.test(value) || value === "" ? JSON.stringify(value) : value}`,
  );
  return [`/${name}`, ...named].join(" ");
}

/** What each input is given, and what none of them takes. */
export function argumentValues(
  name: string,
  inputs: Prompt["inputs"],
  given: PromptArguments,
): { values: Map<string, string>; rest: string } {
  return typeof given === "string"
    ? typedValues(inputs, given.trim())
    : { values: namedValues(name, inputs, given), rest: "" };
}

function namedValues(name: string, inputs: Prompt["inputs"], given: Record<string, string>): Map<string, string> {
  const names = new Set(inputs.map((input) => input.name));
  const unknown = Object.keys(given).find((key) => !names.has(key));
  if (unknown !== undefined) {
    const there = inputs.map((input) => input.name).join(", ");
    const takes = there === "" ? "no arguments by name; give it a text" : `only ${there}`;
    throw new AppError("bad_request", `The prompt ${name} has no argument ${quotedLine(unknown)}: it takes ${takes}`);
  }
  return new Map(Object.entries(given));
}

/** name=value where the name is an input's; else in their order, and the last takes all that is left. `rest` is what none takes. */
function typedValues(inputs: Prompt["inputs"], text: string): { values: Map<string, string>; rest: string } {
  const values = new Map<string, string>();
  if (inputs.length === 0) return { values, rest: text };
  const names = new Set(inputs.map(({ name }) => name));
  const left: Word[] = [];
  for (const found of wordsOf(text)) {
    const [, key = "", value = ""] = /^([^=]+)=([^]*)$/.exec(found.word) ?? [];
    if (names.has(key)) values.set(key, value);
    else left.push(found);
  }
  // As it was typed, quotes too.
  const typed = (words: Word[]) => words.map((word) => word.typed).join(" ");
  const open = inputs.filter(({ name }) => !values.has(name));
  const last = open.pop();
  for (const [at, { name }] of open.entries()) if (left[at]) values.set(name, left[at].word);
  const more = left.slice(open.length);
  if (!last || more.length === 0) return { values, rest: typed(more) };
  values.set(last.name, more.length === 1 ? more[0]!.word : typed(more));
  return { values, rest: "" };
}

interface Word {
  /** Without its quotes. */
  word: string;
  typed: string;
}

const QUOTED = { '"': /"([^"\\]*(?:\\[^][^"\\]*)*)"/y, "'": /'([^']*)'/y };

/** Words between blanks; quotes hold several together, and a quote that does not end is one like any other. */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  // Behind one that does not end none of its kind does, so each is looked for to the end only once.
  const ending = new Set<string>(Object.keys(QUOTED));
  let isWithin = false;
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    const found = ending.has(char) ? quotedAt(text, at, char as keyof typeof QUOTED) : undefined;
    if (!found) ending.delete(char);
    const { typed, word } = found ?? { typed: char, word: char };
    at += typed.length;
    if (/^\s$/.test(typed)) {
      isWithin = false;
      continue;
    }
    if (isWithin) words.push(joined(words.pop()!, { typed, word }));
    else words.push({ typed, word });
    isWithin = true;
  }
  return words;
}

function joined(before: Word, after: Word): Word {
  return { typed: before.typed + after.typed, word: before.word + after.word };
}

function quotedAt(text: string, at: number, quote: keyof typeof QUOTED): Word | undefined {
  const pattern = QUOTED[quote];
  pattern.lastIndex = at;
  const [typed, within = ""] = pattern.exec(text) ?? [];
  return typed === undefined ? undefined : { typed, word: quote === '"' ? within.replace(/\\(["\\])/g, "$1") : within };
}

function toWords({ name, placeholder }: Prompt["inputs"][number]): string {
  return placeholder === undefined ? name : `${name} (${placeholder})`;
}
