import { execFile } from "node:child_process";
import { findProgram } from "../../base/findProgram.ts";
import { SECRET_GLOBS } from "../../rules/secretNames.ts";
import { asGlob, secretLinks } from "../sandbox/secretLinks.ts";
import { childEnv } from "../../processes/childEnv.ts";
import { gitWords } from "./gitWords.ts";
import { readableFolder } from "./readableWords.ts";

/**
 * The words of a git command that only reads, protected files left out and no repository below entered; undefined when
 * there is doubt. The repository's own configuration may name no program that git would start: it may have come with
 * the repository, while the user's configuration is the user's.
 */
export async function harmlessGit(args: string[], workspace: string): Promise<string[] | undefined> {
  const given = args[0] === "--no-pager" || args[0] === "-P" ? args.slice(1) : args;
  return given[0] === "-C" ? await elsewhere(given.slice(1), workspace) : await plainGit(given, { workspace });
}

/** git -C DIR: only what prints names and messages, for the files to leave out are told from the workspace on. */
async function elsewhere([folder, ...args]: string[], workspace: string): Promise<string[] | undefined> {
  const real = folder && !folder.startsWith("-") ? await readableFolder(folder, workspace) : undefined;
  if (real === undefined || args[0] === "blame" || args[0] === "-C") return undefined;
  const words = await plainGit(args, { workspace, elsewhere: real });
  return words && ["git", "-C", real, ...words.slice(1)];
}

interface GitFolders {
  workspace: string;
  /** A folder in there that it is told to run in. */
  elsewhere?: string;
}

async function plainGit(args: string[], { workspace, elsewhere: folder }: GitFolders): Promise<string[] | undefined> {
  const [name, ...rest] = args;
  const known = name === undefined ? undefined : READING.get(name);
  if (!known || name === undefined) return undefined;
  const split = rest.indexOf("--");
  const before = split < 0 ? rest : rest.slice(0, split);
  const options = before.filter((arg) => arg.startsWith("-"));
  if (!options.every((option) => known.options.test(option) && !option.includes("%G"))) return undefined;
  const loose = before.filter((arg) => !arg.startsWith("-"));
  const pattern = known.hasPattern ? loose.shift() : undefined;
  if (known.hasPattern && pattern === undefined) return undefined;
  const words = await gitWords(
    { loose, paths: split < 0 ? [] : rest.slice(split + 1) },
    { ...known, workspace: folder ?? workspace },
  );
  if (!words) return undefined;
  const shows = known.shows?.(options) ?? false;
  if (shows && folder !== undefined) return undefined;
  // It takes one path only.
  if (shows && options.includes("--follow")) return undefined;
  if (!(await hasPlainConfig(workspace, folder))) return undefined;
  const links = shows ? await secretLinks(workspace) : [];
  if (!links) return undefined;
  const left = [...LEFT_OUT, ...links.map((path) => `:(exclude,icase,glob)${asGlob(path)}`)];
  const paths = shows ? [...(words.paths.length > 0 ? words.paths : ["."]), ...left] : words.paths;
  return [
    ...["git", "--no-pager", "--no-optional-locks", name, ...(known.always ?? []), ...options],
    ...(pattern === undefined ? [] : ["-e", pattern]),
    ...words.revisions,
    ...(paths.length > 0 ? ["--", ...paths] : []),
  ];
}

const LEFT_OUT = SECRET_GLOBS.map((glob) => `:(exclude,top,icase,glob)${glob}`);

interface GitCommand {
  options: RegExp;
  /** What its words may be. */
  takes: "nothing" | "paths" | "revisions" | "both";
  namesOnly?: boolean;
  /** Its first word is what it looks for. */
  hasPattern?: boolean;
  /** Whether it prints what files hold. */
  shows?: (options: string[]) => boolean;
  always?: string[];
}

const LOG =
  /^(-[0-9]+|-n\d*|--max-count=\d+|--oneline|--graph|--all|--decorate(=\w+)?|--no-decorate|--stat(=\d+)?|--shortstat|--numstat|--name-only|--name-status|--summary|-p|-u|--patch|-s|--no-patch|-U\d+|--unified=\d+|-w|-b|--abbrev-commit|--no-color|--color(=\w+)?|--(since|after|until|before|author|grep|format|pretty|date)=.*|--merges|--no-merges|--first-parent|--reverse|--follow|--cached|--staged|--word-diff(=\w+)?|--diff-filter=\w+|-M|-C|-i|--stat-width=\d+|--relative-date)$/s;

const PLAIN_DIFF = ["--no-ext-diff", "--no-textconv"];

const READING = new Map<string, GitCommand>([
  [
    "status",
    {
      options: /^(-s|-b|-sb|-u\w*|--short|--branch|--porcelain(=v?\d)?|--long|--ignored|--untracked-files(=\w+)?)$/,
      takes: "paths",
      always: ["--ignore-submodules=all"],
    },
  ],
  [
    "log",
    {
      options: LOG,
      takes: "both",
      shows: (options) => options.some((option) => /^(-p|-u|--patch|-U|--unified|--word-diff)/.test(option)),
      always: PLAIN_DIFF,
    },
  ],
  ["show", { options: LOG, takes: "revisions", shows: () => true, always: PLAIN_DIFF }],
  ["diff", { options: LOG, takes: "both", shows: () => true, always: [...PLAIN_DIFF, "--ignore-submodules=all"] }],
  ["branch", { options: /^(-a|-r|-v|-vv|--all|--list|--show-current|--remotes)$/, takes: "nothing" }],
  [
    "rev-parse",
    {
      options: /^(--abbrev-ref|--short|--show-toplevel|--is-inside-work-tree|--verify|--git-dir)$/,
      takes: "revisions",
      namesOnly: true,
    },
  ],
  [
    "ls-files",
    { options: /^(-c|-m|-o|-d|-s|--cached|--modified|--others|--deleted|--exclude-standard|--stage)$/, takes: "paths" },
  ],
  [
    "grep",
    {
      // Not -O, which starts a program, -f, --no-index and --untracked.
      options:
        /^(-[cEFGHIhiLlnoPpqvWw]+|-[ABC]\d+|--(line-number|ignore-case|word-regexp|fixed-strings|extended-regexp|perl-regexp|count|name-only|files-with-matches|files-without-match|only-matching|heading|break|show-function|cached|color(=\w+)?|context=\d+|max-depth=\d+))$/,
      takes: "both",
      hasPattern: true,
      shows: () => true,
      always: ["--no-textconv", "--no-recurse-submodules"],
    },
  ],
  ["blame", { options: /^(-w|-e|-s|-L\d+,\+?\d+|--date=\w+)$/, takes: "both" }],
  ["remote", { options: /^$/, takes: "nothing" }],
  ["describe", { options: /^(--tags|--always|--long|--abbrev=\d+)$/, takes: "nothing" }],
]);

// Anything else may start a program, fetch, or lead to another configuration; submodules have their own.
const PLAIN_KEYS =
  /^(core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|longpaths|quotepath|abbrev|untrackedcache)|remote\..*\.(url|fetch|pushurl|tagopt|prune)|branch\..*|user\.(name|email)|init\.defaultbranch|pull\.(rebase|ff)|push\.(default|autosetupremote)|color\..*|merge\.conflictstyle|gc\.auto|extensions\.objectformat|advice\..*)$/;

async function hasPlainConfig(workspace: string, cwd = workspace): Promise<boolean> {
  const git = findProgram(["git"], [workspace]);
  if (git === undefined) return false;
  const args = ["config", "--local", "--list", "--name-only", "-z"];
  const keys = await new Promise<string | undefined>((resolve) => {
    const options = { cwd, env: childEnv(workspace), timeout: 5000, windowsHide: true };
    execFile(git, args, options, (error, stdout) => resolve(error ? undefined : stdout));
  });
  if (keys === undefined) return false;
  return keys.split("\0").every((key) => key === "" || PLAIN_KEYS.test(key.toLowerCase()));
}
