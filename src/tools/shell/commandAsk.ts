import { visibleLine, visibleOnce } from "../../base/text/visible.ts";
import type { CommandPolicy } from "../../core/ports/commandPolicy.ts";
import type { ApprovalAsk } from "../../core/ports/tool.ts";
import { reachedPlace } from "../../rules/hostPattern.ts";
import { type GivenRules, givenRules, reachOf } from "../../rules/reach.ts";
import { boundsWords, isReading, type Need, wantedHosts } from "../sandbox/commandBounds.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { deniedWord } from "./deniedWords.ts";
import { namedLine } from "./namedPlaces.ts";
import { namedProtected } from "./protectedWords.ts";
import { harmlessLine } from "./harmless.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { systemShell } from "../../processes/systemShell.ts";

/** What a command wants, and what would keep it within bounds. */
export interface CommandPlace extends Need {
  policy?: CommandPolicy | undefined;
  sandbox?: Sandbox | undefined;
  /** It goes on while the session does other things. */
  background?: boolean;
  /** Of the shell that it runs in; that of this system when not given. */
  dialect?: Dialect;
}

/** What a user is asked before a command runs: all of it, and what of it is worth a second look. */
export async function commandAsk(command: string, cwd: string, place: CommandPlace): Promise<ApprovalAsk> {
  const { access, hosts = [], policy, sandbox, background = false, dialect = systemShell.kind } = place;
  const line = namedLine(command, cwd, dialect);
  const denied = await deniedWord(line, givenRules(policy));
  const isHarmless = denied === undefined && (await harmlessLine(command, cwd, dialect)) !== undefined;
  const touched = isHarmless ? undefined : (denied ?? (await namedProtected(line)));
  const safe = isHarmless || (touched === undefined && isReading(policy, sandbox, access));
  const isWider = sandbox !== undefined && policy?.approvals === "auto" && access === "machine";
  const unreached = policy ? reachOf(command, policy).denied : [];
  return {
    summary: visibleLine(`run ${wholeCommand(command)}`),
    subject: { type: "command", command: wholeCommand(command), cwd },
    reason:
      (touched ? `protected path: ${touched}` : reasonFor(command, dialect)) +
      (background ? "; in the background, until it ends or is stopped" : "") +
      (sandbox ? `; ${boundsWords({ access, hosts }, unreached, policy?.rehearsed)}` : ""),
    safe,
    protected: touched !== undefined || isWider,
    ...(access === "machine" ? { once: true } : {}),
    effects: [
      { kind: "run", place: command, ...(dialect === "posix" ? {} : { dialect }) },
      ...(sandbox ? wantedHosts({ access, hosts }) : []).map((host) => ({
        kind: "connect" as const,
        place: reachedPlace(host),
      })),
    ],
  };
}

/** All of a command, with hidden characters shown and runs of blanks, which push the rest out of sight, counted. */
export function wholeCommand(command: string): string {
  return visibleOnce(command)
    .replace(/[^\S\n]{20,}/g, (blanks) => ` [${blanks.length} blanks] `)
    .replace(/\n{4,}/g, (lines) => `\n[${lines.length} line ends]\n`);
}

function reasonFor(command: string, dialect: Dialect): string {
  const parsed = parseShellLine(command, dialect);
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

interface Judging {
  /** Of the shell that it runs in; that of this system when not given. */
  dialect?: Dialect;
  /** What may be read by rules; absent: they say nothing. */
  commands?: GivenRules | undefined;
}

/** The first thing in a command that looks like a protected path, or one that is not to be read, however it is quoted. */
export async function protectedWord(
  command: string,
  cwd: string,
  { dialect = systemShell.kind, commands }: Judging = {},
): Promise<string | undefined> {
  const line = namedLine(command, cwd, dialect);
  return (await deniedWord(line, givenRules(commands))) ?? (await namedProtected(line));
}
