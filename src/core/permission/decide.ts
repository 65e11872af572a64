import { defined } from "../../base/defined.ts";
import { allowing, denying, type DoneThing, names, ruleWords, uncovered } from "../../rules/coverage.ts";
import { fitsHost, hostOf } from "../../rules/hostPattern.ts";
import { reachOf } from "../../rules/reach.ts";
import type { Deed, Rule } from "../../protocol/rule.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { ApprovalAsk, AskedEffect, Consent } from "../ports/tool.ts";

/**
 * What a call may do: at once, not at all, or when a person says so. `by` names the rule or mode that decided; `lacked`
 * says what nobody was there to allow; `why`, which rule nearly covers it.
 */
export type Decision =
  | { verdict: "allowed"; consent: Consent; by: string }
  | { verdict: "refused"; reason: string; by: string; lacked?: string }
  | { verdict: "asked"; by: string; why?: string };

export interface DecideContext {
  /** The tool that is called. */
  tool: string;
  workspace: string;
  settings: Pick<AgentSettings, "approvals"> & { rules: Rule[] };
  /** Given to the run by its job, its spawn, its token: what each of these lists allows. None: nothing is. */
  grants: Rule[][];
  /** What a person allowed earlier, for this session. */
  allowances: Rule[];
  /** Whether anybody can be asked. */
  attended: boolean;
}

/** The one check, for every caller. A deny rule wins; what is protected is asked about unless a rule names exactly that. */
export function decide(ask: ApprovalAsk, context: DecideContext): Decision {
  const { settings, grants, allowances, workspace } = context;
  const things = toThings(ask, context.tool);
  const denied = denying([...settings.rules, ...grants.flat()], things, workspace);
  if (denied?.isSure) {
    const by = `rule ${ruleWords(denied.rule)}`;
    return { verdict: "refused", reason: `A rule refuses this: ${ruleWords(denied.rule)}.`, by };
  }
  // It may be what the rule denies: only a person can tell.
  if (denied) return askOrRefuse(ask, context, `rule ${ruleWords(denied.rule)}, perhaps`);
  const allowed = allowedBy([settings.rules], "rule") ?? allowedBy(grants.map(withOwn), "grant");
  if (allowed) return allowed;
  if (ask.protected) return askOrRefuse(ask, context, "what is protected");
  const remembered = ask.once ? undefined : allowing(withOwn(allowances), things, workspace);
  if (remembered) {
    const by = `allowed for this session: ${remembered.map(ruleWords).join("; ")}`;
    return { verdict: "allowed", consent: "allowance", by };
  }
  return byMode(ask, things, context);

  /** What the configuration allows counts beside every other list. */
  function withOwn(rules: Rule[]): Rule[] {
    return [...rules, ...settings.rules];
  }

  /** By every list, where there are several: none of them goes further than another. */
  function allowedBy(lists: Rule[][], from: "rule" | "grant"): Decision | undefined {
    const found = lists.map((rules) => allowing(rules, things, workspace));
    const [first] = found;
    if (!first || found.includes(undefined)) return undefined;
    const isNamed = lists.every((rules) =>
      things.every((thing) => rules.some((rule) => names(rule, thing, workspace))),
    );
    if (ask.protected && !isNamed) return undefined;
    return { verdict: "allowed", consent: "rule", by: `${from} ${first.map(ruleWords).join("; ")}` };
  }
}

function byMode(ask: ApprovalAsk, things: DoneThing[], context: DecideContext): Decision {
  const mode = context.settings.approvals;
  const by = `approvals: ${mode}`;
  if (mode === "deny") return refusedByMode(ask, context, by);
  if (mode === "auto") {
    const isFar = things.some(({ deed, place }) => deed === "network" && !isReached(place, things, context));
    // A mode lets commands run, and no rule but one lets them reach the network.
    return isFar
      ? askOrRefuse(ask, context, "no rule grants the network")
      : { verdict: "allowed", consent: "mode", by };
  }
  if (mode === "auto-safe" && ask.safe) return { verdict: "allowed", consent: "harmless", by };
  return askOrRefuse(ask, context, by);
}

/** A grant would allow it all the same, so a run with nobody there lacked one. */
function refusedByMode(ask: ApprovalAsk, { attended }: Pick<DecideContext, "attended">, by: string): Decision {
  const reason = "This gateway is set to deny every call that would need approval.";
  return { verdict: "refused", reason, by, ...(attended ? {} : { lacked: ask.summary }) };
}

function isReached(place: string, things: DoneThing[], { settings, grants, allowances }: DecideContext): boolean {
  const { allowed } = reachOf(things.find(({ deed }) => deed === "exec")?.place ?? "", {
    rules: settings.rules,
    grants,
    allowances,
  });
  return allowed.some((host) => fitsHost(host, hostOf(place)));
}

function askOrRefuse(
  ask: ApprovalAsk,
  { attended, settings, grants, allowances, tool }: DecideContext,
  by: string,
): Decision {
  if (settings.approvals === "deny") return refusedByMode(ask, { attended }, by);
  const why = uncovered([...settings.rules, ...grants.flat(), ...allowances], toThings(ask, tool));
  if (attended) return { verdict: "asked", by, ...defined({ why }) };
  return {
    verdict: "refused",
    reason: `Nobody is there to be asked, and no grant allows it: ${ask.summary}. ${why === undefined ? "" : `${why}. `}Go on without it, and say what was lacking.`,
    by: "nobody there",
    lacked: ask.summary,
  };
}

/** What an ask's effects are to the rules. */
export function toThings({ effects = [] }: Pick<ApprovalAsk, "effects">, tool: string): DoneThing[] {
  const isOfCommand = tool === "exec" || effects.some(({ kind }) => kind === "run");
  return effects.map(({ kind, place, before, dialect }) => {
    const deeds: Record<AskedEffect["kind"], Deed> = {
      run: "exec",
      change: "edit",
      delete: "delete",
      read: "read",
      call: "mcp",
      send: "message",
      connect: tool === "browser" ? "browser" : isOfCommand ? "network" : "web_fetch",
      act: "browser",
    };
    const more = { hash: kind === "call" && before ? before : undefined, isOnlyDenied: kind === "act" || undefined };
    return { deed: deeds[kind], place, ...defined({ ...more, dialect }) };
  });
}
