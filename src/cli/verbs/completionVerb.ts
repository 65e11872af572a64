import { Argument, Command } from "commander";
import type { Verb } from "../terminal/clientVerb.ts";

export const completion: Verb = (io) => {
  const shells = new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish", "powershell"]);
  const command = new Command("completion")
    .description("print a script that completes commands and options")
    .addArgument(shells)
    .addHelpText(
      "after",
      [
        "",
        "bash:        source <(pincer completion bash)",
        "zsh:         source <(pincer completion zsh)",
        "fish:        pincer completion fish | source",
        "PowerShell:  pincer completion powershell | Out-String | Invoke-Expression",
      ].join("\n"),
    );
  return command.action(
    (shell: keyof typeof SCRIPTS) => void io.stdout.write(SCRIPTS[shell](wordsOf(command.parent!))),
  );
};

/** What may follow each command, by its words: "cron" -> add, remove, ... */
type Words = Map<string, string[]>;

function wordsOf(command: Command, path: string[] = [], words: Words = new Map()): Words {
  const options = command.options.map((option) => option.long ?? option.short ?? "");
  words.set(path.join(" "), [...command.commands.map((child) => child.name()), ...options, "--help"]);
  for (const child of command.commands) wordsOf(child, [...path, child.name()], words);
  return words;
}

const SCRIPTS = { bash: toBash, zsh: toZsh, fish: toFish, powershell: toPowershell };

function toZsh(words: Words): string {
  const cases = [...words].map(([path, next]) => `    "${path}") next=(${next.join(" ")}) ;;`).join("\n");
  return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
_pincer() {
  local line="" word
  local -a next
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] && continue
    if [[ -z "$line" ]]; then line="$word"
    elif [[ " ${verbsWithChildren(words)} " == *" $line "* ]]; then line="$line $word"
    fi
  done
  case "$line" in
${cases}
  esac
  compadd -a next || _files
}
compdef _pincer pincer
`;
}

function toPowershell(words: Words): string {
  const lines = [...words].map(([path, next]) => `  '${path}' = @(${next.map((word) => `'${word}'`).join(", ")})`);
  return `$pincerWords = @{
${lines.join("\n")}
}
Register-ArgumentCompleter -Native -CommandName pincer -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $line = ''
  $before = $commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition }
  foreach ($word in $before | ForEach-Object { $_.ToString() } | Where-Object { $_ -notlike '-*' }) {
    if ($line -eq '') { $line = $word } elseif (@($pincerWords.Keys) -contains "$line $word") { $line = "$line $word" }
  }
  $pincerWords[$line] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function toBash(words: Words): string {
  const cases = [...words].map(([path, next]) => `    "${path}") words="${next.join(" ")}" ;;`).join("\n");
  return `_pincer() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "\${#path}" -gt 0 ] && [[ " ${verbsWithChildren(words)} " != *" $path "* ]] || path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pincer pincer
`;
}

function verbsWithChildren(words: Words): string {
  const parents = [...words.keys()].filter((path) => path.includes(" ")).map((path) => path.split(" ")[0]!);
  return [...new Set(parents)].join(" ");
}

function toFish(words: Words): string {
  const lines = [...words].flatMap(([path, next]) => {
    const parts = path.split(" ").filter(Boolean);
    const condition =
      parts.length === 0
        ? "__fish_use_subcommand"
        : parts.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    return next.map((word) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c pincer -f -n '${condition}' ${what}`;
    });
  });
  return `${lines.join("\n")}\n`;
}
