import { visible, visibleLine } from "../../base/visible.ts";
import type { ApprovalAsk } from "../../core/ports/tool.ts";
import { protectedReason } from "../files/protectedPath.ts";
import { isHarmless } from "./harmless.ts";
import { parseShellLine } from "./shellLine.ts";

/** What a user is asked before a command runs: all of it, and what of it is worth a second look. */
export async function commandAsk(command: string, cwd: string): Promise<ApprovalAsk> {
  const safe = await isHarmless(command, cwd);
  const touched = safe ? undefined : protectedWord(command);
  return {
    summary: visibleLine(`run ${command}`),
    subject: { type: "command", command: wholeCommand(command), cwd },
    reason: touched ? `protected path: ${touched}` : reasonFor(command),
    safe,
    protected: touched !== undefined,
    scope: `exec:${command}`,
  };
}

/** All of a command, with hidden characters shown and runs of blanks, which push the rest out of sight, counted. */
export function wholeCommand(command: string): string {
  return visible(command)
    .replace(/[^\S\n]{20,}/g, (blanks) => ` [${blanks.length} blanks] `)
    .replace(/\n{4,}/g, (lines) => `\n[${lines.length} line ends]\n`);
}

function reasonFor(command: string): string {
  const parsed = parseShellLine(command);
  if (!parsed.understood) return `runs a command that is not fully understood: ${parsed.reason}`;
  const names = new Set(
    parsed.commands.flatMap((one) => [...one.wrappers, ...one.words.slice(0, 1).map((word) => word.text)]),
  );
  const written = parsed.commands.flatMap((one) =>
    one.redirects.filter(
      (redirect) => redirect.operator.includes(">") && !/^([0-9-]|\/dev\/null)$/.test(redirect.target.text),
    ),
  );
  const files = written.map((redirect) => redirect.target.text);
  return visibleLine(
    `runs ${[...names].join(", ") || "a command"}${files.length > 0 ? `, writes ${files.join(", ")}` : ""}`,
  );
}

/** The first thing in a command that looks like a protected path, however it is quoted. */
function protectedWord(command: string): string | undefined {
  // Coarse on purpose: also in what is not understood, and never less than a parsed look would find.
  const words = command.replace(/["'\\]/g, "").split(/[\s;&|<>()`$={},:]+/);
  for (const word of words) {
    const reason = word.startsWith("-") ? undefined : protectedReason(word, "write");
    if (reason) return reason;
  }
  return undefined;
}
