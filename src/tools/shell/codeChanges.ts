import { isPlainAwk } from "../../shell/awkProgram.ts";
import { programName } from "../../shell/wordPrograms.ts";
import { isPackage } from "./packagePlaces.ts";

const INTERPRETER =
  /^(node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|osascript|rscript|awk|gawk|mawk|jshell|groovy|pwsh|powershell)$/;
const AWK = /^[gm]?awk$/;

// The word behind it, or what stands behind it in the same word, is the program.
const INLINE = /^(-[a-zA-Z0-9]*[eEcpr]|--(eval|print)\b|eval$|-$|\/dev\/(stdin|fd\/))/;

/** What is known of the line that the program stands in. */
interface Told {
  line: string;
  /** A path surely lies outside of the workspace. */
  isOutside: (path: string) => boolean;
  /** A line that the program starts may change a package.json. */
  isChange: (line: string) => boolean;
}

export function isInterpreter(word: string): boolean {
  return INTERPRETER.test(programName(word));
}

/**
 * Whether a command is an interpreter and gets a program that names package.json and says that it writes one, or what is not
 * known: in its words, in one of the texts that it is given, or by a pipe.
 */
export function codeChangesFile([name = "", ...given]: string[], bodies: string[], told: Told): boolean {
  if (!isInterpreter(name)) return false;
  if (AWK.test(programName(name)))
    return NAMES_IT.test(given.join("\n")) && !awkTexts(given).every((text) => isReadingAwk(text));
  const isInline = given.some((text) => INLINE.test(text));
  const isAlone = given.every((text) => text.startsWith("-") && !/^(-[vVh]|--(version|help))$/.test(text));
  const isPiped = bodies.length === 0 && isAlone && /[|<]/.test(told.line) && (!isInline || given.includes("-"));
  if (!isInline && !isPiped && bodies.length === 0) return false;
  return says([...given, ...bodies, ...(isPiped ? [told.line] : [])].join("\n"), name, told);
}

/** The same of a line that is not understood. */
export function codeMayChangeFile(words: string[], told: Told): boolean {
  const { line } = told;
  if (/\[(system\.)?io\.file\]::/i.test(line) && says(line, "pwsh", told)) return true;
  const at = words.findIndex(isInterpreter);
  if (at < 0) return false;
  if (AWK.test(programName(words[at])))
    return NAMES_IT.test(line) && ![...line.matchAll(AWK_PROGRAM)].every(([, program]) => isReadingAwk(program!));
  return (/<</.test(line) || words.slice(at).some((text) => INLINE.test(text))) && says(line, words[at]!, told);
}

const NAMES_IT = /package["'\s+,.]{0,9}json|package\.j/i;
const AWK_PROGRAM = /awk\b[^'"\n;|]{0,200}['"]([^'\n]{0,2000})/g;

function awkTexts(given: string[]): string[] {
  return given.filter((text, at) => !/^-[Fv]/.test(text) && !/^-[Fv]$/.test(given[at - 1] ?? ""));
}

function isReadingAwk(program: string): boolean {
  return program.replace(AWK_TEXTS, '""').split(/[;}]/).every(isPlainAwk);
}

// Its strings, and its patterns where one may stand.
const AWK_TEXTS = /"(?:\\.|[^"\\\n])*"|(?<=(?:^|[~(,!&|{;\n])\s{0,9})\/(?:\\.|[^/\\\n])+\//g;

// What is called with a file to be written, with one as its second word, and to open one, perhaps to write.
const CALLS =
  /(?<![\w$])(?:(?<first>\w{0,40}[wW]rite[A-Z_]\w*|(?:Bun|File|IO)\.(?:bin)?write|[aA]ppend(?:File|Text|All)\w*|output(?:File|Json)\w*|file_put_contents|truncate(?:Sync)?|save\w*)|(?<second>(?<!copy\.)[cC]opy(?:File|FileSync|Sync|tree|2|fileobj|_file)?|[rR]ename(?:s|Sync)?|[mM]ove(?:Sync|_file)?|(?:sym)?link(?:Sync|_to)?|cp(?:Sync)?|mv|ln|ln_sf?|os\.replace)|(?<opened>f?open(?:Sync)?))(?<bracket>\s{0,9}\(|\s{1,9}(?=["'$]))/g;
const TO_WRITE = /^(?:mode\s*=\s*)?["'](?:w|a|x|rb?\+)[bt+]*["']/;
const TO_WRITE_BEFORE = /^["']\s*\+?[<>]?>/;

// What starts others with a line or words of its own.
const STARTS =
  /(?:(?<![\w$.])(?:exec|system|popen)|(?<![\w$])(?:exec(?:File)?Sync|execFile|spawn(?:Sync)?|os\.(?:system|popen)|subprocess\.[a-z_]+|check_(?:call|output)|proc_open|shell_exec|passthru|IO\.popen|Open3\.\w+|Deno\.(?:Command|run)|cp\.exec)|child_process["']\)\.exec)(?<bracket>\s{0,9}\(|\s{1,9}(?=["']))/g;
const MOST_STARTED = 20;

// What is changed in place, and in PowerShell.
const OTHERS =
  /\bfileinput\b.{0,300}\binplace|\bO_(WRONLY|RDWR)|\b((set|add)-content|out-file)\s+(-(literal|file)?path\s+)?["']?(\$|[^\s"';|]*package\.j)/is;

function says(code: string, name: string, { isOutside, isChange }: Told): boolean {
  if (!NAMES_IT.test(code)) return false;
  if (OTHERS.test(code)) return true;
  for (const { index, 0: call, groups = {} } of code.matchAll(CALLS)) {
    const given = argumentsFrom(code, index + call.length, groups["bracket"]!.endsWith("("));
    const target = writtenBy(groups, given, code.slice(Math.max(index - 200, 0), index));
    if (target !== undefined && mayBePackage(target, isOutside)) return true;
  }
  return startedBy(code, name).some((line) => line === undefined || isChange(line));
}

/** What a call writes; undefined where it writes nothing. `before`: what stands in front of it. */
function writtenBy(groups: Record<string, string | undefined>, given: string[], before: string): string | undefined {
  const { first, second, opened } = groups;
  const [one = "", two] = given;
  if (second) return two ?? (one === "" ? undefined : one);
  const receiver = before.replace(/\.$/, "");
  if (first)
    return /^write_(text|bytes)$/.test(first) ? receiver : one === "" && !first.startsWith("save") ? undefined : one;
  if (!opened) return undefined;
  const at = given.findIndex((text) => TO_WRITE.test(text));
  if (at >= 0) return at === 0 ? receiver : one;
  return given.some((text) => TO_WRITE_BEFORE.test(text)) ? given.at(-1) : undefined;
}

/** Whether what names a file in a program may name a package.json of the workspace: its end tells, if that is a text. */
function mayBePackage(target: string, isOutside: Told["isOutside"]): boolean {
  if (/^\d$/.test(target)) return false;
  const [, , whole] = /^[a-z]{0,2}\\?(["'`])>*\s*([^"'`$\\]*)\\?\1$/i.exec(target) ?? [];
  if (whole !== undefined && isOutside(whole)) return false;
  const [, before, name = ""] = /(^|[^\w.-])([\w.-]+)\\?["'`][)\s]*$/.exec(target) ?? [];
  return name === "" || before === "$" || isPackage(name) || /^\.?json$/i.test(name);
}

/** The lines that a program starts; undefined for one that is not told. */
function startedBy(code: string, name: string): (string | undefined)[] {
  const isScript = /^(perl|ruby|php)/.test(programName(name));
  const ticked = [...code.matchAll(isScript ? /`([^`\n]{0,300})`/g : /\$`([^`\n]{0,300})`/g)].map(([, line]) => line);
  const called = [...code.matchAll(STARTS)].slice(0, MOST_STARTED).map(({ index, 0: call, groups = {} }) => {
    const given = argumentsFrom(code, index + call.length, groups["bracket"]!.endsWith("("));
    if (/^(?![a-z]{0,2}["'`])[a-z_$]/i.test(given[0] ?? "")) return undefined;
    return given.join(" ").replace(/["'`,[\]]+/g, " ");
  });
  return [...ticked.slice(0, MOST_STARTED), ...called];
}

/** What a call is given: up to its other bracket, or to the end of its line where it has none. */
function argumentsFrom(code: string, start: number, isBracketed: boolean): string[] {
  const given = [""];
  let depth = 0;
  let quote = "";
  for (const letter of code.slice(start, start + MOST_OF_A_CALL)) {
    if (quote !== "") quote = letter === quote ? "" : quote;
    else if (/["'`]/.test(letter)) quote = letter;
    else if (/[([{]/.test(letter)) depth += 1;
    else if (/[)\]}]/.test(letter)) depth -= 1;
    if (depth < 0 || (quote === "" && depth === 0 && (letter === ";" || (!isBracketed && letter === "\n")))) break;
    if (quote === "" && depth === 0 && letter === ",") given.push("");
    else given[given.length - 1] += letter;
  }
  return given.map((text) => text.trim());
}

const MOST_OF_A_CALL = 500;
