import { parseShellLine } from "../shell/shellLine.ts";

/** Programs whose first words say what they do, whatever comes after: those words. */
const TASKS: Record<string, string[]> = {
  git: ["log", "diff", "show", "status", "blame", "add", "commit"],
  npm: ["test", "run"],
  pnpm: ["test", "run"],
  yarn: ["test", "run"],
  bun: ["test", "run"],
  cargo: ["build", "check", "clippy", "test"],
  go: ["build", "test", "vet"],
  dotnet: ["build", "test"],
};

/** The pattern for a command with any further words, where its first words tell what it does: "git log *". */
export function commandPrefix(line: string): string | undefined {
  const parsed = parseShellLine(line);
  if (!parsed.understood || parsed.commands.length !== 1) return undefined;
  const words = parsed.commands[0]!.words.map((word) => word.text);
  const [program = "", task = ""] = words;
  if (!Object.hasOwn(TASKS, program) || !TASKS[program]!.includes(task)) return undefined;
  const kept = words.slice(0, task === "run" ? 3 : 2);
  return words.length > kept.length && kept.every((word) => /^[\w:.-]+$/.test(word)) && !kept.at(-1)!.startsWith("-")
    ? `${kept.join(" ")} *`
    : undefined;
}
