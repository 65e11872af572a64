import { Argument, Command } from "commander";
import type { Verb } from "../terminal/clientVerb.ts";

export const completion: Verb = (io) => {
  const shells = new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]);
  const command = new Command("completion")
    .description("print a script that completes commands and options")
    .addArgument(shells)
    .addHelpText(
      "after",
      "\nbash, zsh:  source <(pincer completion bash)\nfish:       pincer completion fish | source",
    );
  return command.action((shell: "bash" | "zsh" | "fish") => {
    const words = wordsOf(command.parent!);
    io.stdout.write(shell === "fish" ? toFish(words) : toBash(words, shell === "zsh"));
  });
};

/** What may follow each command, by its words: "cron" -> add, remove, ... */
type Words = Map<string, string[]>;

function wordsOf(command: Command, path: string[] = [], words: Words = new Map()): Words {
  const options = command.options.map((option) => option.long ?? option.short ?? "");
  words.set(path.join(" "), [...command.commands.map((child) => child.name()), ...options, "--help"]);
  for (const child of command.commands) wordsOf(child, [...path, child.name()], words);
  return words;
}

function toBash(words: Words, isZsh: boolean): string {
  const cases = [...words].map(([path, next]) => `    "${path}") words="${next.join(" ")}" ;;`).join("\n");
  const start = isZsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${start}_pincer() {
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
