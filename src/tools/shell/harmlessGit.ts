import { execFile } from "node:child_process";
import { protectedReason } from "../files/protectedPath.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { childEnv } from "./childEnv.ts";

/**
 * Whether a git command only reads, and the repository's own configuration names no program that it would start. The
 * user's configuration is the user's; the repository's may have come with the repository.
 */
export async function isHarmlessGit(args: string[], workspace: string): Promise<boolean> {
  const [name, ...rest] = args[0] === "--no-pager" || args[0] === "-P" ? args.slice(1) : args;
  if (name === "--version") return rest.length === 0;
  const options = name === undefined ? undefined : READING.get(name);
  if (!options) return false;
  for (const arg of rest) {
    if (arg === "--") continue;
    const isFine = arg.startsWith("-")
      ? options.test(arg)
      : name !== "branch" && name !== "remote" && (await isInsideRevision(arg, workspace));
    if (!isFine) return false;
  }
  return await hasPlainConfig(workspace);
}

const LOG =
  /^(-[0-9]+|-n\d*|--max-count=\d+|--oneline|--graph|--all|--decorate(=\w+)?|--no-decorate|--stat(=\d+)?|--shortstat|--numstat|--name-only|--name-status|--summary|-p|-u|--patch|-s|--no-patch|-U\d+|--unified=\d+|-w|-b|--abbrev-commit|--no-color|--color(=\w+)?|--(since|after|until|before|author|grep|format|pretty|date)=.*|--merges|--no-merges|--first-parent|--reverse|--follow|--cached|--staged|--word-diff(=\w+)?|--diff-filter=\w+|-M|-C|-i|--stat-width=\d+|--relative-date)$/s;

const READING = new Map<string, RegExp>([
  ["status", /^(-s|-b|-sb|-u\w*|--short|--branch|--porcelain(=v?\d)?|--long|--ignored|--untracked-files(=\w+)?|-v)$/],
  ["log", LOG],
  ["show", LOG],
  ["diff", LOG],
  ["branch", /^(-a|-r|-v|-vv|--all|--list|--show-current|--remotes)$/],
  ["rev-parse", /^(--abbrev-ref|--short|--show-toplevel|--is-inside-work-tree|--verify|--git-dir)$/],
  ["ls-files", /^(-c|-m|-o|-d|-s|--cached|--modified|--others|--deleted|--exclude-standard|--stage)$/],
  ["blame", /^(-w|-e|-s|-L\d+,\+?\d+|--date=\w+)$/],
  ["remote", /^-v$/],
  ["describe", /^(--tags|--always|--dirty|--long|--abbrev=\d+)$/],
]);

/** A revision, a path, or "revision:path". Outside paths would make `diff` compare any two files of the machine. */
async function isInsideRevision(arg: string, workspace: string): Promise<boolean> {
  const path = arg.replace(/^[^:]*:/, "");
  if (/(^|\/)\.\.(\/|$)/.test(path) || path.startsWith("/") || protectedReason(path, "read")) return false;
  return await toWorkspacePath(workspace, path).then(
    (found) => !protectedReason(found.real, "read"),
    () => false,
  );
}

// Anything else may start a program, fetch, or lead to another configuration; submodules have their own.
const PLAIN_KEYS =
  /^(core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|longpaths|quotepath|abbrev|untrackedcache)|remote\..*\.(url|fetch|pushurl|tagopt|prune)|branch\..*|user\.(name|email)|init\.defaultbranch|pull\.(rebase|ff)|push\.(default|autosetupremote)|color\..*|merge\.conflictstyle|gc\.auto|extensions\.objectformat|advice\..*)$/;

async function hasPlainConfig(workspace: string): Promise<boolean> {
  const args = ["config", "--local", "--list", "--name-only", "-z"];
  const keys = await new Promise<string | undefined>((resolve) => {
    execFile("git", args, { cwd: workspace, env: childEnv(workspace), timeout: 5000 }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
  if (keys === undefined) return false;
  return keys.split("\0").every((key) => key === "" || PLAIN_KEYS.test(key.toLowerCase()));
}
