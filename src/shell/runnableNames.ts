import { unnamedFiles } from "./unnamedFiles.ts";

const ENDINGS = [
  ".js",
  ".mjs",
  ".cjs",
  ".ts",
  ".json",
  "/package.json",
  "/index.js",
  "/index.mjs",
  "/index.cjs",
  "/index.ts",
];

/** What some programs add to the words that they are given, to find what they run: "node scripts/check" is scripts/check.js. */
const ENDED: [program: RegExp, endings: string[]][] = [
  [/^(node|nodejs|bun|deno|tsx|ts-node)$/, ENDINGS],
  [/^(python|pypy)[\d.]*$/, ["/__main__.py"]],
];

/**
 * The names of files that a program may run when it is given these words: the words themselves, what stands in an option
 * ("--config=x.mjs", "-fother.mk"), what a module's name stands for, and where the program looks without being told.
 */
export function runnableNames(words: string[]): string[] {
  const names = new Set<string>();
  for (const [at, word] of words.entries()) {
    const name = valueOf(word);
    if (name !== "") names.add(name);
    for (const other of unnamedFiles(word)) names.add(other);
    const program = word.slice(word.lastIndexOf("/") + 1);
    const endings = ENDED.find(([pattern]) => pattern.test(program))?.[1] ?? [];
    for (const given of endings.length > 0 ? words.slice(at + 1) : []) {
      const value = valueOf(given);
      if (value !== "") for (const ending of endings) names.add(`${value}${ending}`);
    }
    // "python3 -m tools.check"
    const module = words[at + 1];
    if (word === "-m" && module !== undefined && /^[\w.]+$/.test(module))
      for (const ending of [".py", "/__main__.py", "/__init__.py"])
        names.add(`${module.replaceAll(".", "/")}${ending}`);
  }
  return [...names];
}

/** The words that may be folders in which a command works: of "make -C sub", "--prefix=sub", "cd sub". */
export function folderNames(words: string[]): string[] {
  return [...new Set(words.slice(1).map(valueOf))].filter((name) => name !== "" && name !== ".");
}

/** A word as a name; of an option what it is given with it, "" where that is nothing. */
function valueOf(word: string): string {
  if (!word.startsWith("-")) return word;
  if (word.includes("=")) return word.slice(word.indexOf("=") + 1);
  return /^-[A-Za-z]./.test(word) ? word.slice(2) : "";
}
