import picomatch from "picomatch";
import { visibleLine, visibleOnce } from "../../base/text/visible.ts";
import type { CommandPolicy } from "../../core/ports/commandPolicy.ts";
import type { ApprovalAsk } from "../../core/ports/tool.ts";
import { resolve } from "node:path";
import { protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";
import { reachedPlace } from "../../rules/hostPattern.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { type GivenRules, givenRules, reachOf } from "../../rules/reach.ts";
import { boundsWords, isReading, type Need, wantedHosts } from "../sandbox/commandBounds.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { harmlessLine } from "./harmless.ts";
import { roughPaths } from "../../shell/roughPaths.ts";
import { roughWords } from "../../shell/roughWords.ts";
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
  const judging = { commands: policy, dialect };
  const denied = deniedWord(command, cwd, judging);
  const isHarmless = denied === undefined && (await harmlessLine(command, cwd, dialect)) !== undefined;
  const touched = isHarmless ? undefined : (denied ?? namedProtected(command, cwd, dialect));
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
      { kind: "run", place: command },
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
export function protectedWord(command: string, cwd: string, judging: Judging = {}): string | undefined {
  return deniedWord(command, cwd, judging) ?? namedProtected(command, cwd, judging.dialect ?? systemShell.kind);
}

/** The first thing in a command that looks like a protected path. */
function namedProtected(command: string, cwd: string, dialect: Dialect): string | undefined {
  for (const path of roughPaths(command, dialect)) {
    const reason = protectedReason(path, "write") ?? stateReason(resolve(cwd, path));
    if (reason) return reason;
  }
  // No shell makes anything of a pattern behind the letters of an option.
  const words = roughWords(command, dialect).filter((word) => !word.startsWith("-"));
  return words.map(protectedByPattern).find((reason) => reason !== undefined);
}

/** What of a command names what is to be done, as `npm run test` and `git log`, and so no file, be there one of that name. */
function verbsOf(command: string, dialect: Dialect): Set<string> {
  const parsed = parseShellLine(command, dialect);
  const words = parsed.understood ? parsed.commands.map((one) => one.words.map(({ text }) => text)) : [];
  const verbs = words.flatMap(([program = "", verb = "", task = ""]) => [program, verb, verb === "run" ? task : ""]);
  return new Set(verbs.filter((word) => /^[\w:-]+$/.test(word)));
}

/** The first thing in a command that looks like a file which a rule denies to be read, or like its folder. */
function deniedWord(
  command: string,
  cwd: string,
  { dialect = systemShell.kind, commands }: Judging,
): string | undefined {
  const rules = givenRules(commands).filter(({ deny }) => deny === "read");
  if (rules.length === 0) return undefined;
  const verbs = verbsOf(command, dialect);
  for (const path of roughPaths(command, dialect)) {
    if (verbs.has(path)) continue;
    const denied = deniedReading(rules, resolve(cwd, path), cwd);
    if (denied !== undefined) return visibleLine(`${path}: ${denied}`);
  }
  return undefined;
}

// What a pattern is tried on: a name of each kind, as it would lie in a folder.
const SAMPLES = [
  ...[
    ".env",
    ".env.local",
    "prod.env",
    "id_rsa",
    "id_ed25519",
    "server.pem",
    "server.key",
    ".npmrc",
    ".netrc",
    ".pgpass",
  ],
  ...[".pypirc", ".git-credentials", ".vscode", ".git", ".ssh", ".aws", ".github", ".husky", ".bashrc", ".profile"],
  ...["openclaw.yml", "AGENTS.md", "CLAUDE.md", "mcp.json", "secrets.yml", "credentials.json"],
];

/** Why a word with "*", "?" or "[" may turn into a protected path. */
function protectedByPattern(word: string): string | undefined {
  if (!/[*?[]/.test(word) || word.length > 500) return undefined;
  for (const part of word.split("/").filter((name) => /[*?[]/.test(name))) {
    const matches = picomatch(part, { dot: part.startsWith("."), nocase: true, strictSlashes: true });
    // "*.pem" says that it is keys; a lone "*" only that it is everything.
    const sample = /^[*?]+$/.test(part) ? undefined : SAMPLES.find((name) => matches(name));
    if (sample) return `${word} may stand for ${sample}`;
  }
  return undefined;
}
