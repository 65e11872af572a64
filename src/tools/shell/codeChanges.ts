import { programName } from "../../shell/wordPrograms.ts";

const INTERPRETER =
  /^(node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|osascript|rscript|awk|gawk|mawk|jshell|groovy|pwsh|powershell)$/;
const AWK = /^[gm]?awk$/;

// The word behind it, or what stands behind it in the same word, is the program.
const INLINE = /^(-[a-zA-Z0-9]*[eEcpr]|--(eval|print)\b|eval$|-$|\/dev\/(stdin|fd\/))/;

// What writes, moves or copies a file, or starts what may.
const WRITING =
  /writ(e|able)|\b(json|yaml)?\.?dump\(|rename|copy|\bcp(Sync)?\b|\bmv\b|\bmove\w*\(|\bsave\w*\(|\b(sym)?link(Sync|_to)?\(|\bos\.(replace|link)|append(File|Text)|truncat|file_put_contents|set-content|add-content|out-file|fileinput|FileUtils|\bopen\w*\b.{0,300}?(["'](w|a|x|r\+)[bt+]*["']|["']\s*\+?[<>]?>|\bmode\s*=)|exec(?!Path|utable)|spawn|system|popen|subprocess|Deno\.(Command|run)|\bBun\.\$|`[^`\n]{0,300}package\.json|\[(system\.)?io\.file\]::/is;
const SHOWING = /\b(process\.)?(sys\.)?std(out|err)\.write|\$std(out|err)|\bconsole\.\w+|\bprint\w*/gi;

export function isInterpreter(word: string): boolean {
  return INTERPRETER.test(programName(word));
}

/**
 * Whether a command is an interpreter and gets a program that names package.json and says that it writes: in its words, in one of the
 * texts that it is given, or by a pipe.
 */
export function codeChangesFile([name = "", ...given]: string[], bodies: string[], line: string): boolean {
  if (!isInterpreter(name)) return false;
  const isAwk = AWK.test(programName(name));
  const isInline = isAwk || given.some((text) => INLINE.test(text));
  const isAlone = given.every((text) => text.startsWith("-") && !/^(-[vVh]|--(version|help))$/.test(text));
  const isPiped = bodies.length === 0 && isAlone && /[|<]/.test(line) && (!isInline || given.includes("-"));
  if (!isInline && !isPiped && bodies.length === 0) return false;
  return says([...given, ...bodies, ...(isPiped ? [line] : [])].join("\n"), isAwk);
}

/** The same of a line that is not understood. */
export function codeMayChangeFile(words: string[], line: string): boolean {
  if (/\[(system\.)?io\.file\]::/i.test(line) && says(line, false)) return true;
  const at = words.findIndex(isInterpreter);
  return (
    at >= 0 &&
    (/<</.test(line) || words.slice(at).some((text) => INLINE.test(text))) &&
    says(line, AWK.test(programName(words[at])))
  );
}

function says(code: string, isAwk: boolean): boolean {
  if (!/package["'\s+,.]{0,9}json|package\.j/i.test(code)) return false;
  return isAwk ? /[>|]|system/.test(code) : WRITING.test(code.replace(SHOWING, ""));
}
