import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { AgentSettings } from "../ports/settings.ts";

/**
 * The lists that a run's grants are: it may do what each of them allows. Its own, those of whoever spawned it, and those
 * of the token it came with, as the configuration has them now.
 */
export function grantLists(
  { grants, within = [], origin }: Pick<RunRecord, "grants" | "within" | "origin">,
  { tokens = {} }: Pick<AgentSettings, "tokens">,
): Rule[][] {
  const { via, id } = origin;
  const token = id !== undefined && TOKEN_DOORS.has(via) && Object.hasOwn(tokens, id) ? tokens[id] : undefined;
  if (grants === undefined) return [...within, ...(token?.grants ? [token.grants] : [])];
  // Who may answer an approval may grant what they like.
  return [grants, ...within, ...(token && token.scope !== "admin" ? [token.grants ?? []] : [])];
}

/** What a run may do that another one led to: what it is given of what that one may do, or all of that. */
export function inheritedGrants(
  run: Pick<RunRecord, "grants" | "within" | "origin">,
  settings: Pick<AgentSettings, "tokens">,
  given?: Rule[],
): Pick<RunRecord, "grants" | "within"> {
  const own = grantLists(run, settings);
  if (given) return { grants: given, within: own.length > 0 ? own : [[]] };
  const [grants, ...within] = own;
  return grants ? { grants, within } : {};
}

/** The name of the token that something came with. */
export function tokenOf({ via, id }: RunRecord["origin"]): string | undefined {
  return TOKEN_DOORS.has(via) ? id : undefined;
}

/** Where an origin's id is the name of a token. */
const TOKEN_DOORS = new Set<RunRecord["origin"]["via"]>(["api", "cli", "panel", "palette", "openai", "mcp"]);
