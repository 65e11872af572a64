import type { Rule } from "../protocol/rule.ts";
import { allowingLine } from "./coverage.ts";
import { fitsHost, type Host, sharedHosts } from "./hostPattern.ts";

/** Which hosts a sandboxed command may connect to, as patterns of rules. What is denied counts before what is allowed. */
export interface Reach {
  allowed: string[];
  denied: string[];
}

/** All rules that a call may go by: the configuration's, each list of grants that it is held to, and what was allowed for it. */
export interface GivenRules {
  rules: Rule[];
  /** It may do what each of these lists allows. */
  grants: Rule[][];
  allowances: Rule[];
}

/** The rules and those of all grants in one list; none where nothing is given. */
export function givenRules(given: Pick<GivenRules, "rules" | "grants"> | undefined): Rule[] {
  return given ? [...given.rules, ...given.grants.flat()] : [];
}

/** Where a command line may connect to without being asked about. */
export function reachOf(line: string, { rules, grants, allowances }: GivenRules): Reach {
  const granted = grants.map((list) => hostsIn(list, line));
  const [first, ...others] = granted;
  // Who allowed a command for longer, and named no host, was told that it may use the network.
  const isShown = allowingLine(ofCommands(allowances, undefined), line).length > 0;
  const allowed = [
    ...hostsIn(rules, line),
    ...hostsIn(allowances, line),
    ...(isShown ? ["*"] : []),
    ...(first ? others.reduce(sharedHosts, first) : []),
  ];
  const denied = givenRules({ rules, grants })
    .filter((rule) => rule.deny === "network")
    .map(({ host = "*" }) => host);
  return { allowed: [...new Set(allowed)], denied };
}

/** Whether a command may connect to a host. A bare address may be that of a host that is denied, so that it has to be named. */
export function reaches({ allowed, denied }: Reach, host: Host): boolean {
  if (denied.some((pattern) => fitsHost(pattern, host))) return false;
  const mustBeNamed = denied.length > 0 && isAddress(host.name);
  return allowed.some((pattern) => fitsHost(pattern, host) && !(mustBeNamed && pattern === "*"));
}

/** Whether a rule says where commands may connect to. */
export function namesHost({ allow, host }: Rule): boolean {
  return allow === "network" || (allow === "exec" && host !== undefined);
}

/** Whether a host is said by its number. */
export function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

/** Of all commands, and of this one: of a line with several, what each of them may reach. */
function hostsIn(rules: Rule[], line: string): string[] {
  const own = new Set(
    rules.filter((rule) => rule.allow === "exec" && rule.host !== undefined).map((rule) => rule.host!),
  );
  return [
    ...rules.filter((rule) => rule.allow === "network").map((rule) => rule.host!),
    ...[...own].filter((host) => allowingLine(ofCommands(rules, host), line).length > 0),
  ];
}

function ofCommands(rules: Rule[], host: string | undefined): Rule[] {
  return rules.filter((rule) => rule.allow === "exec" && rule.host === host);
}
