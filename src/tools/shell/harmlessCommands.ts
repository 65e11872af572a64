import { searchPaths } from "./searchWords.ts";

/** What is known about a command that only reads: which options it may have, and which of its words are paths. */
export interface HarmlessCommand {
  /** Letters of options without a value. */
  flags?: string;
  /** Letters of options with a value, which is no path. */
  valued?: string;
  /** Long options; their values, if any, only after "=". */
  long?: string[];
  /** "-5" is a number of lines. */
  numeric?: boolean;
  /** How many words before the paths are something else, such as a pattern. */
  texts?: number;
  /** For grammars of their own: the paths, or undefined when there is doubt. */
  check?: (args: string[]) => string[] | undefined;
}

const names = (text: string): string[] => text.split(" ").map((name) => `--${name}`);

const anyText: HarmlessCommand = { check: () => [] };
const nothing: HarmlessCommand = { check: (args) => (args.length === 0 ? [] : undefined) };

// Nothing here follows links while it descends, reads a list of files from a file, writes, or starts a program.
export const HARMLESS_COMMANDS = new Map<string, HarmlessCommand>([
  [
    "ls",
    {
      flags: "aAbBcCdfFghGiklmnopqQrRsStuUvxX1",
      long: names("all almost-all human-readable color recursive reverse size"),
    },
  ],
  ["cat", { flags: "AbeEnstTuv", long: names("number number-nonblank show-all show-ends show-tabs") }],
  ["head", { flags: "qv", valued: "nc", numeric: true, long: names("lines bytes quiet") }],
  ["tail", { flags: "qvr", valued: "nc", numeric: true, long: names("lines bytes quiet") }],
  ["wc", { flags: "clmwL", long: names("lines words bytes chars") }],
  ["nl", { flags: "", valued: "bsw" }],
  ["tac", {}],
  ["rev", {}],
  ["cut", { flags: "s", valued: "dfcb" }],
  ["tr", { flags: "cCdst", check: (args) => (args.every((arg) => !arg.startsWith("--")) ? [] : undefined) }],
  ["sort", { flags: "bdfghiMnrRsuVz", valued: "kt", long: names("reverse unique numeric-sort human-numeric-sort") }],
  ["uniq", { check: (args) => (args.every((arg) => /^-[cdiu]+$/.test(arg)) ? [] : undefined) }],
  ["cmp", { flags: "bls" }],
  ["file", { flags: "bhi", long: names("brief mime mime-type") }],
  ["stat", { flags: "tx", valued: "c", long: names("format printf terse") }],
  ["du", { flags: "abchkms", valued: "d", long: names("summarize human-readable max-depth apparent-size") }],
  ["basename", anyText],
  ["dirname", anyText],
  ["echo", anyText],
  ["printf", { check: (args) => (args[0]?.startsWith("-") ? undefined : []) }],
  ["true", anyText],
  ["false", anyText],
  ["pwd", { flags: "LP" }],
  ["whoami", nothing],
  ["uname", { flags: "asnrvmpio" }],
  ["which", { check: (args) => (args.every((arg) => /^[\w.+-]+$/.test(arg)) ? [] : undefined) }],
  ["date", { check: (args) => (args.every((arg) => /^(\+.*|-u|-R|-I\w*)$/s.test(arg)) ? [] : undefined) }],
  ["grep", { check: grepPaths }],
  ["egrep", { check: grepPaths }],
  ["fgrep", { check: grepPaths }],
  ["find", { check: findPaths }],
  ["sed", { check: sedPaths }],
]);

/** Options read by the same small table; the first word is the pattern unless -e gave one. */
function grepPaths(args: string[]): string[] | undefined {
  // Not -r: it would read protected files. Not -f: its file may be anywhere.
  return searchPaths(
    args,
    /^-[aEFGHILPTUVZbchilnoqsvwxyz]+$/,
    /^-[ABCme]$/,
    /^--(ignore-case|line-number|count|color=\w+|include=.*|invert-match|word-regexp|only-matching|fixed-strings|extended-regexp|context=\d+)$/,
  );
}

const FIND_TESTS =
  /^-(name|iname|path|ipath|wholename|type|maxdepth|mindepth|size|mtime|mmin|ctime|cmin|atime|amin|perm|user|group|regex|iregex|regextype)$/;
const FIND_WORDS =
  /^(-(not|a|and|o|or|print|print0|prune|empty|depth|mount|xdev|ls|readable|writable|executable|true|false|quit)|!|\(|\))$/;

function findPaths(args: string[]): string[] | undefined {
  const firstTest = args.findIndex((arg) => arg.startsWith("-") || arg === "!" || arg === "(");
  const paths = firstTest < 0 ? args : args.slice(0, firstTest);
  for (let at = paths.length; at < args.length; at += 1) {
    if (FIND_TESTS.test(args[at]!)) at += 1;
    else if (!FIND_WORDS.test(args[at]!)) return undefined;
  }
  return paths.length === 0 ? ["."] : paths;
}

/** Only printing lines by number. Sed's other commands write files and run programs. */
function sedPaths(args: string[]): string[] | undefined {
  const [option, script, ...paths] = args;
  if (option !== "-n" || !script || !/^\d+(,(\d+|\$))?p$/.test(script)) return undefined;
  return paths.every((path) => !path.startsWith("-")) ? paths : undefined;
}
