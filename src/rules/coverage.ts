import { relative, sep } from "node:path";
import { type CommandPattern, coversLine, mayDo, toCommandPattern, uncoveredWords } from "./commandPattern.ts";
import type { Dialect } from "../shell/shellLine.ts";
import type { Deed, Rule } from "../protocol/rule.ts";
import { fitsHost, hostOf } from "./hostPattern.ts";
import { fitsTool, mcpPlace } from "./mcpTool.ts";
import { fitsMessage, forbidsMessage, messagePlace } from "./messagePlace.ts";
import { fitsPath } from "./pathPattern.ts";
import { deedOf } from "./ruleSchema.ts";

/** One thing that a call does: to a real path, by a command line, with an origin ("*": with any), by a server's tool, to a chat. */
export interface DoneThing {
  deed: Deed;
  place: string;
  /** Of a server's tool: the digest of what it is now. */
  hash?: string;
  /** Of a command line: whose rules it is written by; those of POSIX shells when not given. */
  dialect?: Dialect;
  /** No rule allows it. */
  isOnlyDenied?: true;
}

/** The rules that together allow all of these things; undefined when one of them is not allowed. */
export function allowing(rules: Rule[], things: DoneThing[], workspace: string): Rule[] | undefined {
  if (things.length === 0 || things.some(({ isOnlyDenied }) => isOnlyDenied)) return undefined;
  const used = new Set<Rule>();
  const line = things.find(({ deed }) => deed === "exec");
  for (const thing of things) {
    const found = allowingThing(rules, thing, workspace, line);
    if (found.length === 0) return undefined;
    for (const rule of found.slice(0, thing.deed === "exec" ? found.length : 1)) used.add(rule);
  }
  return [...used];
}

/** What a line's own rules let it reach counts beside what any command may reach. */
function allowingThing(rules: Rule[], thing: DoneThing, workspace: string, line: DoneThing | undefined): Rule[] {
  const own = rules.filter((rule) => rule.allow === thing.deed);
  if (thing.deed === "exec") return allowingLine(own, thing.place, thing.dialect);
  const found = own.filter((rule) => fits(rule, thing, workspace));
  if (thing.deed !== "network" || found.length > 0 || line === undefined) return found;
  const far = rules.filter((rule) => rule.allow === "exec" && rule.host !== undefined && fits(rule, thing, workspace));
  return allowingLine(far, line.place, line.dialect);
}

/** The first rule that forbids one of these things, or may: a line that is not understood may be what a rule forbids. */
export function denying(
  rules: Rule[],
  things: DoneThing[],
  workspace: string,
): { rule: Rule; isSure: boolean } | undefined {
  let unsure: Rule | undefined;
  for (const thing of things) {
    for (const rule of rules.filter((one) => one.deny === thing.deed)) {
      const answer = denies(rule, thing, workspace);
      if (answer === "yes") return { rule, isSure: true };
      if (answer === "unknown") unsure ??= rule;
    }
  }
  return unsure && { rule: unsure, isSure: false };
}

function denies(rule: Rule, thing: DoneThing, workspace: string): "yes" | "no" | "unknown" {
  if (thing.deed === "exec") return deniesLine(rule, thing);
  if (thing.deed === "message") return forbidsMessage(thing.place, rule.channel, rule.to) ? "yes" : "no";
  if (fits(rule, thing, workspace)) return "yes";
  // What is done in a page reaches no host that a rule names: the browser's own way out is closed to that one.
  return thing.place === "*" && !thing.isOnlyDenied ? "unknown" : "no";
}

/** Whether a rule says exactly this path or line, without a pattern. */
export function names(rule: Rule, thing: DoneThing, workspace: string): boolean {
  if (rule.allow !== thing.deed) return false;
  if (thing.deed === "exec")
    return !rule.command?.endsWith(" *") && allowingLine([rule], thing.place, thing.dialect).length > 0;
  return rule.path !== undefined && rule.path === fromWorkspace(thing.place, workspace);
}

/** "allow exec: npm test" */
export function ruleWords(rule: Rule): string {
  const tool = rule.server === undefined ? undefined : mcpPlace(rule.server, rule.tool ?? "*");
  const chat = rule.channel === undefined ? undefined : messagePlace(rule.channel, rule.to ?? "*");
  const what = [rule.command ?? rule.path ?? tool ?? chat, rule.host]
    .filter((part) => part !== undefined)
    .join(", reaching ");
  return `${rule.allow === undefined ? "deny" : "allow"} ${deedOf(rule)}${what === "" ? "" : `: ${what}`}`;
}

/** The rules about commands that together allow a line; none when they do not. */
export function allowingLine(rules: Rule[], line: string, dialect?: Dialect): Rule[] {
  const patterns = rules.map((rule) => toCommandPattern(rule.command!)).filter((one) => typeof one !== "string");
  if (!coversLine(patterns, line, dialect)) {
    // Letter for letter the same line is the same in each shell.
    const exact = dialect === undefined || dialect === "posix" ? [] : rules.filter(({ command }) => command === line);
    return exact.filter(({ command }) => isExact(command!)).slice(0, 1);
  }
  const needed = rules.filter((rule) => mayDo(toCommandPattern(rule.command!) as CommandPattern, line) === "yes");
  return needed.length > 0 ? needed : rules;
}

function isExact(command: string): boolean {
  const pattern = toCommandPattern(command);
  // Whose files are bound to a grant is read without them.
  return typeof pattern !== "string" && !pattern.isPrefix && !command.includes("\\");
}

/** Why rules that begin as a line does still do not allow it; undefined where none begins so. */
export function uncovered(rules: Rule[], things: DoneThing[]): string | undefined {
  const patterns = rules
    .filter(({ allow }) => allow === "exec")
    .map((rule) => toCommandPattern(rule.command!))
    .filter((one) => typeof one !== "string");
  const line = things.find(({ deed }) => deed === "exec")?.place;
  return line === undefined || patterns.length === 0 ? undefined : uncoveredWords(patterns, line);
}

function deniesLine({ command }: Rule, { place, dialect }: DoneThing): "yes" | "no" | "unknown" {
  const pattern = command === undefined ? undefined : toCommandPattern(command, true);
  return pattern === undefined || typeof pattern === "string" ? "yes" : mayDo(pattern, place, dialect);
}

function fits(rule: Rule, { deed, place, hash }: DoneThing, workspace: string): boolean {
  const { path, host } = rule;
  if (deed === "mcp") return fitsTool(place, rule.server, rule.tool) && (rule.hash === undefined || rule.hash === hash);
  if (deed === "message") return fitsMessage(place, rule.channel, rule.to);
  if (path !== undefined) {
    const shown = fromWorkspace(place, workspace);
    return shown !== undefined && fitsPath(path, shown);
  }
  return host === undefined || fitsHost(host, hostOf(place));
}

/** With "/" on every system; undefined for what lies outside. */
export function fromWorkspace(place: string, workspace: string): string | undefined {
  if (workspace === "") return undefined;
  const shown = relative(workspace, place).split(sep).join("/");
  // Another drive is no folder; elsewhere "a:b" is a name.
  const isElsewhere = sep === "\\" && /^[a-z]:/i.test(shown);
  return shown === "" || shown.startsWith("../") || shown === ".." || isElsewhere ? undefined : shown;
}
