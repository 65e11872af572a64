import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { AgentSettings } from "../ports/settings.ts";

/**
 * The lists that a run's grants are: it may do what each of them allows. Its own, those of whoever spawned it, and those
 * of the token it came with, as the configuration has them now.
 */
export function grantLists(
  { grants, within = [], origin }: Pick<RunRecord, "grants" | "within" | "origin">,
  settings: TokenSettings,
): Rule[][] {
  const token = tokenNow(origin, settings);
  if (grants === undefined) return [...within, ...(token?.grants ? [token.grants] : [])];
  // Who may answer an approval may grant what they like.
  return [grants, ...within, ...(token && token.scope !== "admin" ? [token.grants ?? []] : [])];
}

/** What a run may do that another one led to: what it is given of what that one may do, or all of that. */
export function inheritedGrants(
  run: Pick<RunRecord, "grants" | "within" | "origin">,
  settings: TokenSettings,
  given?: Rule[],
): Pick<RunRecord, "grants" | "within"> {
  const own = grantLists(run, settings);
  if (given) return { grants: given, within: own.length > 0 ? own : [[]] };
  const [grants, ...within] = own;
  return grants ? { grants, within } : {};
}

type TokenSettings = Pick<AgentSettings, "tokens" | "ownToken">;

/** What the token that something came with may do now, by the configuration: nothing where it is gone; undefined for the gateway's own. */
export function tokenNow(
  origin: RunRecord["origin"],
  { tokens = {}, ownToken }: TokenSettings,
): NonNullable<AgentSettings["tokens"]>[string] | undefined {
  const name = tokenOf(origin);
  if (name === undefined || name === ownToken) return undefined;
  if (Object.hasOwn(tokens, name)) return tokens[name];
  return ownToken === undefined ? undefined : { scope: "read", grants: [] };
}

/** The name of the token that something came with. */
export function tokenOf({ via, id }: RunRecord["origin"]): string | undefined {
  return TOKEN_DOORS.has(via) ? id : undefined;
}

/** Where an origin's id is the name of a token. */
const TOKEN_DOORS = new Set<RunRecord["origin"]["via"]>(["api", "cli", "panel", "palette", "openai", "mcp"]);
