import { AppError } from "../../base/appError.ts";
import { FORWARDER_NAME } from "../sandbox/gateForwarder.ts";
import { type SystemShell, systemShell } from "../../processes/systemShell.ts";

/** A program with its arguments. */
export interface ShellCall {
  file: string;
  args: string[];
  /** On Windows: the arguments are not to be quoted again. */
  verbatim?: boolean;
}

/** What runs a line in a shell, with the exit code of the line and output in UTF-8. cmd takes one line: more is `bad_request`. */
export function shellCall(
  line: string,
  within?: { endsTree: boolean },
  { kind, name, file }: SystemShell = systemShell,
): ShellCall {
  if (kind === "powershell") {
    const script = powerShellScript(line, { isOld: !name.startsWith("PowerShell 7") });
    return { file, args: ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script] };
  }
  // Its own rule: of all that comes after /c the outer quotes are taken off, and nothing else.
  // And of more than one line it would run the first, as if that were all.
  if (kind === "cmd" && /[\r\n]/.test(line.trim()))
    throw new AppError(
      "bad_request",
      "cmd.exe takes one line; join commands with &&, or write a .cmd file and run that",
    );
  if (kind === "cmd") return { file, args: ["/d", "/s", "/c", `"chcp 65001 >nul & ${line}"`], verbatim: true };
  // With a socket as its input, as Node gives it, bash takes itself for one at the far end of a network and reads ~/.bashrc.
  const plain = name === "bash" ? ["--norc"] : [];
  // It needs no watcher there.
  if (within?.endsTree) return { file, args: [...plain, "-c", name === "bash" ? `${TELLS_LEFT} ${line}` : line] };
  return programCall(file, [...plain, "-c", line]);
}

/** What runs a program without a shell that reads its arguments, and still ends it when this process dies. */
export function programCall(file: string, args: string[]): ShellCall {
  if (process.platform === "win32") return { file, args };
  return { file: "/bin/sh", args: ["-c", LEASHED, file, ...args] };
}

/** Throws where the shell works in no such folder: cmd would go to Windows' own instead, and run the line there. */
export function demandShellFolder(folder: string, { kind }: SystemShell = systemShell): void {
  if (kind === "cmd" && /^[\\/]{2}/.test(folder))
    throw new AppError(
      "unavailable",
      `cmd.exe works in no network folder, as ${folder} is; map a drive to it, or install PowerShell`,
    );
}

/**
 * By itself PowerShell ends with 0 or 1 and writes in the code page of the console. The line stands between line ends: one
 * that ends in a comment or in a backtick must not swallow what follows.
 */
function powerShellScript(line: string, { isOld }: { isOld: boolean }): string {
  // In 5.1 a program that has written to its standard error counts as failed, whatever its exit code.
  const failed = isOld ? "$null -ne $LASTEXITCODE" : "$LASTEXITCODE";
  return [
    "$ProgressPreference = 'SilentlyContinue'",
    "[Console]::OutputEncoding = $OutputEncoding = [Text.UTF8Encoding]::new($false)",
    ...(isOld ? AS_SEVEN : []),
    line,
    "",
    `if ($?) { exit 0 }; if (${failed}) { exit $LASTEXITCODE }; exit 1`,
  ].join("\n");
}

// What 7 does by itself. 5.1 reads and writes files in the system's old code page, redirects in UTF-16, and, unless somebody
// chose otherwise, runs no script at all, npm's own among them.
const AS_SEVEN = [
  `foreach ($one in 'Out-File', 'Set-Content', 'Add-Content', 'Get-Content', 'Select-String', 'Import-Csv', 'Export-Csv') { $PSDefaultParameterValues[$one + ':Encoding'] = 'utf8' }`,
  "try { if ((Get-ExecutionPolicy) -eq 'Restricted') { Set-ExecutionPolicy RemoteSigned -Scope Process -Force } } catch { }",
];

// Where all processes of a namespace end with its first one, only the line's own shell can still see what it leaves running.
// It looks twice: what ends with the line may take a moment to go. What still looks like the shell itself, or has no words at all
// though it has not ended, may be about to become a program, which takes its time on a busy machine; else it is a subshell, and
// its words are not the line's.
const TELLS_LEFT = `trap '${[
  '__line() { __c=; while IFS= read -r -d "" __w; do __c="$__c${__c:+ }$__w"; done 2>/dev/null <"/proc/$1/cmdline" || :; };',
  "__look() { __n=0 __l= __s=; __line $$; __o=$__c;",
  "for __p in /proc/[0-9]*; do case ${__p#/proc/} in 1|$$) continue;; esac; __line ${__p#/proc/};",
  `case $__c in ${FORWARDER_NAME}*) continue;; "$__o") __s=1 __c="a subshell of it";;`,
  '"") IFS= read -r __z <"$__p/stat" || continue; case ${__z##*) } in [ZX]*) continue;; esac; __s=1 __c="a program";; esac;',
  '__n=$((__n + 1)); [ $__n -gt 3 ] || __l="$__l${__l:+, }${__c:0:80}"; done; };',
  "__look 2>/dev/null; for __t in 1 2 3 4 5 6 7 8 9 10; do [ $__n = 0 ] && break;",
  '[ $__t = 1 ] || [ "$__s" ] || break; sleep 0.1; __look 2>/dev/null; done; [ $__n = 0 ] || {',
  '__m=; [ $__n -le 3 ] || __m=" and $((__n - 3)) more";',
  'printf "\\n[still running when the command ended, so stopped too: %s%s; use background for what is to go on]" "$__l" "$__m"; } >&2',
].join(" ")}' EXIT;`;

/** Whether a command line is that of the watcher beside a line, which on a busy machine takes a moment to go. */
export function isWatcher(command: string): boolean {
  return command.includes(WATCHER);
}

// The watcher waits on descriptor 3 and ends the group when the other end of it is gone, which is when our process has
// died in whatever way; a line there lets it go. Then the shell becomes the one that runs the line, under the same pid,
// without the descriptor.
const WATCHER = "{ read -r _ <&3 || kill -KILL -$$; } >/dev/null 2>&1 &";
const LEASHED = `${WATCHER} exec "$0" "$@" 3<&-`;
