import type { ShellCommand, ShellRedirect, ShellWord } from "./shellCommand.ts";
import { isShell, isWrapper, tellsOfCommand } from "./shellWrappers.ts";

const names = (text: string): ReadonlySet<string> => new Set(text.split(" "));

// Whatever their words are, they start nothing and hand them to nobody who would, but for some options.
const DATA = names(
  "true false : echo printf cat head tail wc sort uniq cut tr tac rev nl paste join comm diff cmp column fold fmt expand " +
    "unexpand pr od xxd hexdump strings base64 md5sum sha1sum sha256sum sha512sum cksum b2sum grep egrep fgrep rg ls dir stat " +
    "file du df pwd cd pushd popd basename dirname realpath readlink test [ date sleep seq expr touch mkdir rmdir cp mv ln rm " +
    "chmod chown chgrp tee truncate find which whereis type id whoami groups hostname uname export unset jq tree printenv ps",
);
// What checks, formats or tests the files that its words name: it may run those, and no program of such a name.
const CHECKERS = names("eslint prettier tsc vitest jest mocha stylelint pytest ruff black mypy flake8 rimraf");
const STARTING_OPTION = /^--(pre|compress-program|use-compress-program|rsh)\b/;

// Of git: what records, moves and shows.
const GIT_DATA = names(
  "add status log show diff commit branch tag checkout switch restore rm mv stash merge rev-parse ls-files ls-tree cat-file " +
    "blame shortlog describe reset clean",
);
// What no alias takes the place of.
const GIT_TASKS = names(
  "add am apply archive bisect blame branch bundle cat-file check-ignore cherry cherry-pick checkout clean clone commit " +
    "commit-tree config count-objects describe diff diff-files diff-index diff-tree difftool fetch for-each-ref format-patch " +
    "fsck gc grep hash-object help init log ls-files ls-remote ls-tree maintenance merge merge-base mergetool mktree mv " +
    "name-rev notes pack-refs prune pull push range-diff read-tree rebase reflog remote repack replace reset restore rev-list " +
    "rev-parse revert rm shortlog show show-branch show-ref sparse-checkout stash status submodule switch symbolic-ref tag " +
    "update-index update-ref var version whatchanged worktree write-tree",
);
const GIT_VALUED = names(
  "-C -c --git-dir --work-tree --namespace --exec-path --super-prefix --config-env --attr-source",
);
const GIT_FLAGS = names(
  "-p -P --paginate --no-pager --bare --no-replace-objects --no-optional-locks --no-lazy-fetch --no-advice " +
    "--literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs",
);

// Of other programs: what takes a word, where it stands before their task.
const KUBE_VALUED = names(
  "-n -s -v --namespace --context --cluster --user --server --kubeconfig --as --as-group --token",
);
const DOCKER_VALUED = names("-H -c -l --host --context --config --log-level --url --connection");
const VALUED = new Map<string, ReadonlySet<string>>([
  ["npm", names("-w -C --workspace --prefix --loglevel --registry --userconfig --cache --tag --otp")],
  ["pnpm", names("-C -F --dir --filter --filter-prod --loglevel --reporter")],
  ["yarn", names("--cwd")],
  ["kubectl", KUBE_VALUED],
  ["oc", KUBE_VALUED],
  ["helm", names("-n --namespace --kube-context --kubeconfig")],
  ["docker", DOCKER_VALUED],
  ["podman", DOCKER_VALUED],
  ["docker-compose", names("-f -p --file --project-name --project-directory --profile --env-file")],
  ["aws", names("--profile --region --output --endpoint-url --query")],
  ["gcloud", names("--project --account --configuration --format")],
  ["cargo", names("-C -Z --config --color")],
  ["make", names("-C -f -I --directory --file --makefile --include-dir")],
]);

// A command of theirs begins at one of their words, or is the text of one.
const CARRIERS = names(
  "flock parallel sem chroot unshare systemd-run script watch su runuser ssh setpriv nsenter bwrap firejail proot fakeroot " +
    "fakechroot dbus-run-session dbus-launch xvfb-run numactl expect ltrace gdb valgrind entr npx pnpx bunx uvx hyperfine " +
    "caffeinate arch screen tmux prlimit cpulimit softlimit choom setarch linux32 linux64 i386 x86_64 capsh aa-exec sg xterm " +
    "logsave pexec rlwrap faketime torsocks torify proxychains proxychains4 start-stop-daemon daemonize daemon cross-env dotenv " +
    "dotenvx concurrently nodemon watchexec reflex direnv chpst envdir setuidgid gosu su-exec tini dumb-init catchsegv perf",
);

// Of these: what names a machine, a user, a file or a folder first.
const LED = names("flock chroot ssh sg su gosu su-exec setuidgid envdir logsave faketime setarch perf runuser");

/** Whether the words of a command are only what it works on: none of them becomes a command, its own or a later one's. */
export function takesWordsAsData({
  words,
  assignments,
}: {
  words: { text: string }[];
  assignments: unknown[];
}): boolean {
  const texts = words.map((word) => word.text);
  const name = programName(texts[0]);
  if (assignments.length > 0 || texts.some((text) => STARTING_OPTION.test(text))) return false;
  if (name === "command") return tellsOfCommand(texts);
  if (name !== "git") return DATA.has(name);
  const { options, rest } = gitParts(texts.slice(1));
  return options.every((option) => option === "-C" || option === "--no-pager") && GIT_DATA.has(rest[0] ?? "");
}

/** Whether no word of a command becomes a program, though what is read from a file of its name may be run. */
export function namesNoProgram(command: ShellCommand): boolean {
  const [program] = ownWords(command.words);
  const name = programName(program?.text.replace(/(?<=.)@.*$/s, ""));
  return takesWordsAsData(command) || (command.assignments.length === 0 && CHECKERS.has(name));
}

/** Whether it is there to start what its words say. */
export function startsItsWords({ words }: { words: { text: string }[] }): boolean {
  return CARRIERS.has(programName(words[0]?.text));
}

/** Whether the program of such a command begins at this word, and it is not one of another program's: "docker" of "ssh x ls docker". */
export function surelyStarts({ words }: { words: { text: string }[] }, at: number): boolean {
  const texts = words.map(({ text }) => text);
  const name = programName(texts[0]);
  const isLed = LED.has(name);
  if (texts[at - 1] === "--") return true;
  if (/^(tmux|screen)$/.test(name) || (isLed && at === 1)) return false;
  // "infra/terraform" is a file or a folder.
  if (texts[at]!.includes("/") && !/^\/.*bin\//.test(texts[at]!)) return false;
  const before = texts.slice(1, at).filter((text, index) => {
    const isOfOption = text.startsWith("-") || texts[index]!.startsWith("-") || /^\w+=/.test(text);
    return !isOfOption && !CARRIERS.has(programName(text)) && !isWrapper(programName(text));
  });
  return before.length <= (isLed ? 1 : 0);
}

/** The shell that a command is, or that it starts by its words ("ssh host bash -s"), where that reads its lines. */
export function lineReader(command: ShellCommand): string | undefined {
  const { words } = command;
  if (readsLines(words)) return programName(words[0]?.text);
  const at = startsItsWords(command)
    ? words.findIndex(({ text }, index) => index > 0 && isShell(programName(text)))
    : -1;
  if (at < 0 || !surelyStarts(command, at)) return undefined;
  // "su -c sh me"
  const isText = /^(su|runuser|script)$/.test(programName(words[0]?.text)) && /^-[a-z]*c$/.test(words[at - 1]!.text);
  const own = words.slice(at, isText ? at + 1 : undefined);
  return readsLines(own) ? programName(own[0]?.text) : undefined;
}

/** Whether it is a shell that gets its lines from what is piped to it or typed: "bash", "bash -s", "sh /dev/stdin", "bash <(x)". */
function readsLines(words: ShellWord[]): boolean {
  const [first, ...rest] = words;
  const name = programName(first?.text);
  const texts = rest.map(({ text }) => text);
  // With a command of its own it is not the one that is started.
  if (/^(sudo|doas)$/.test(name)) return texts.some((text) => /^(-[a-zA-Z]*[is]|--login|--shell)$/.test(text));
  if (/^(su|runuser)$/.test(name))
    return !texts.some((text) => /^(-[a-z]*c|-u|--(command|user)\b.*)$/.test(text)) && !ASKS.test(texts.join(" "));
  if (name === "cmd") return !texts.some((text) => /^\/{1,2}([a-z]\/)*[cr?]/i.test(text));
  if (!isShell(name)) return false;
  const isOther = /^(pwsh|powershell)$/.test(name);
  const takesNext = isOther ? TAKES_NEXT_OTHER : TAKES_NEXT;
  const script = rest.findIndex(({ text }, at) => !/^[-+]/.test(text) && !takesNext.test(texts[at - 1] ?? ""));
  const options = script < 0 ? texts : texts.slice(0, script);
  if (script < 0 && ASKS.test(options.at(-1) ?? "")) return false;
  // It only looks whether lines could be run.
  if (!isOther && options.includes("-n") && options.every((text) => text.startsWith("-"))) return false;
  if (!isOther && options.some((text) => /^-[a-zA-Z]*s[a-zA-Z]*$/.test(text))) return true;
  // There may be none yet behind "-c", as in "xargs sh -c".
  if (script < 0) return !(/^(pwsh|fish)$/.test(name) && /^-[hv]$/.test(options.join(" ")));
  const { text, literal } = rest[script]!;
  return isPipe(text, literal);
}

/**
 * Whether it runs what it is told by a pipe, a substitution or whoever types: "make -f -", "just -f <(x)", "at now". `given`: where its
 * lines come from, if that is said.
 */
export function readsTasks(command: ShellCommand, given: ShellRedirect | undefined): boolean {
  const isFile = given?.operator === "<" && given.target.literal && !PIPE.test(given.target.text);
  const programs = startsItsWords(command) ? command.words : command.words.slice(0, 1);
  return programs.some((program, at) => {
    const name = programName(program.text);
    if (!TASKED.has(name) || (at > 0 && !surelyStarts(command, at))) return false;
    const words = command.words.slice(at + 1);
    const texts = words.map(({ text }) => text);
    if (/^(at|batch)$/.test(name)) return !isFile && !texts.some((text) => /^-[a-zA-Z]*[flrdcV]/.test(text));
    if (name === "parallel") return !isFile && texts.every((text) => /^(-(?!-(version|help)$)|\d+%?$)/.test(text));
    if (name === "crontab") return words.some(({ text, literal }) => isPipe(text, literal)) && !isFile;
    return words.some(({ text, literal }, index) => {
      const joined = /^(?:-[a-zA-Z]*[fFtP]|--\w+=)(.+)$/s.exec(text)?.[1] ?? text;
      return (PIPE.test(joined) && !isFile) || (text === "" && !literal && OF_FILE.test(texts[index - 1] ?? ""));
    });
  });
}

function isPipe(text: string, isLiteral: boolean): boolean {
  return PIPE.test(text) || (text === "" && !isLiteral);
}

const TASKED = names(
  "make gmake bmake nmake remake just task go-task ninja samu rake scons ant doit cmake at batch parallel crontab",
);
const PIPE = /^(-|\/dev\/(stdin|fd\/\d+)|\/proc\/[^/]+\/fd\/\d+)$/;
const OF_FILE = /^(-[a-zA-Z]*[fFtP]|--(file|makefile|justfile|taskfile|rakefile|sconstruct|buildfile)=?|-buildfile)$/;

/**
 * Where a command gets its lines, if that is said. `isAlone`: what its line says of a text that a shell gets ("sh -c 'a | b' < x")
 * need not hold for each of several commands in that.
 */
export function linesOf({ redirects, wrappers }: ShellCommand, isAlone: boolean): ShellRedirect | undefined {
  if (!isAlone && wrappers.some((name) => name === "eval" || isShell(programName(name)))) return undefined;
  return redirects.findLast(({ descriptor, operator }) => operator.startsWith("<") && /^0?$/.test(descriptor));
}

// Of a shell's options.
const TAKES_NEXT = /^([-+][a-z]*[oO]|--(rcfile|init-file|emulate))$/;
const TAKES_NEXT_OTHER = /^-(config|custom|ep|ex|if|inp|o|psc|settings|version|w)/i;
const ASKS = /^(--?(version|help)|-\?)$/i;

/** Whether words behind the second are only those of a program that is named there: "npx eslint src". */
export function onlyStartsItsSecond({ words }: Pick<ShellCommand, "words">): boolean {
  const [first, second] = words;
  if (!second?.literal || second.text.startsWith("-") || !/^(npx|pnpx|bunx|uvx)$/.test(programName(first?.text)))
    return false;
  return !startsItsWords({ words: [second] }) && !isWrapper(programName(second.text));
}

/** The words of the program that a command runs: of "npx eslint src" those from the second on. */
export function ownWords(words: ShellWord[]): ShellWord[] {
  return onlyStartsItsSecond({ words }) ? words.slice(1) : words;
}

/** "/usr/bin/git", "Git.exe" -> "git", "npm.cmd" -> "npm": some systems make no difference. */
export function programName(text = ""): string {
  return text
    .slice(text.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/\.(exe|cmd|bat|ps1)$/, "");
}

/** Whether a word is an option that git takes before its subcommand. */
export function isOwnOption(word: string): boolean {
  return GIT_VALUED.has(word) || GIT_FLAGS.has(word);
}

/** Whether git may be told something that is a name of somebody's making, by these words or in one of them. */
export function mayUseAlias(texts: string[]): boolean {
  const words = texts.flatMap((text) => text.split(/[\s;&|()]+/)).map((text) => text.replace(/["']/g, ""));
  return words.some((word, at) => {
    if (programName(word) !== "git") return false;
    const [task = ""] = gitParts(words.slice(at + 1, at + 1 + MOST_OPTIONS)).rest;
    return !task.startsWith("-") && !GIT_TASKS.has(task);
  });
}

/** Nobody tells git more words before its subcommand. */
export const MOST_OPTIONS = 200;

/**
 * Where the next word of a task may stand and whether it surely does, given where options may begin: of most options nobody knows
 * whether the word behind is theirs. Of "kubectl -n prod delete" at "delete", of "kubectl --odd prod delete" at either.
 */
export function taskPlaces(
  words: { text: string }[],
  from: ReadonlyMap<number, boolean>,
  program: string | undefined,
): Map<number, boolean> {
  const valued = VALUED.get(programName(program));
  const places = new Map(from);
  for (const [at, isSure] of places) {
    const text = words[at]?.text ?? "";
    if (!/^[-+]./.test(text)) continue;
    // "--namespace=prod", "--no-audit", and "+nightly" of cargo.
    const isWhole = text === "--" || /^(\+|--?no-.)/.test(text) || text.includes("=");
    const takesOne = valued?.has(text) === true;
    for (const next of isWhole ? [1] : takesOne ? [2] : [1, 2])
      if (!places.has(at + next)) places.set(at + next, isSure && (isWhole || takesOne));
  }
  return places;
}

/** What git is told before its subcommand, and from that on. */
export function gitParts(texts: string[]): { options: string[]; rest: string[] } {
  const options: string[] = [];
  for (let at = 0; at < texts.length; at += 1) {
    const text = texts[at]!;
    if (!text.startsWith("-")) return { options, rest: texts.slice(at) };
    options.push(text.replace(/=.*/s, ""));
    if (GIT_VALUED.has(text)) at += 1;
  }
  // An option alone ("git --version") is what it does.
  return { options, rest: texts };
}
