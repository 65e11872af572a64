import { defined } from "../../base/defined.ts";
import type { ApprovalDecision, Offer } from "../../protocol/approval.ts";
import type { Rule } from "../../protocol/rule.ts";
import { commandPrefix } from "../../rules/commandPrefix.ts";
import { type DoneThing, fromWorkspace } from "../../rules/coverage.ts";
import { coverWords } from "../../rules/coverWords.ts";
import { toPattern } from "../../rules/hostPattern.ts";
import { exactPath } from "../../rules/exactPath.ts";
import { readMessagePlace } from "../../rules/messagePlace.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";
import type { ApprovalAsk } from "../ports/tool.ts";
import { toThings } from "./decide.ts";
import { ruleCommands } from "./proposals.ts";

export interface OfferContext {
  tool: string;
  workspace: string;
  /** Whether what is allowed for the session ends with the run: nobody wrote its message. */
  isOneRun: boolean;
  /** Whether the run is a job's, which can be granted something. */
  isJob: boolean;
  /** In a rehearsal: what would let exactly this run unasked, and where that is written down. */
  rehearsed?: { grants: Rule[]; file?: string } | undefined;
  /** Whether rules can be written down. */
  canKeep: boolean;
  /** Whether the same call would run unasked if a rule were among what was allowed for it. */
  covers(rule: Rule): boolean;
}

/** The answers to an ask. One that holds for longer says by which rule, and is there only where a rule says it exactly. */
export function offersFor(ask: ApprovalAsk, context: OfferContext): Offer[] {
  const things = toThings(ask, context.tool);
  const { rehearsed } = context;
  const rules = ask.protected || ask.once ? [] : rulesFor(things, context);
  if (rehearsed) return rehearsalOffers(rehearsed, rules, context);
  const longer = (decision: ApprovalDecision, words: string, given = rules): Offer[] =>
    given.map((rule) => ({ decision, rule, words: `${coverWords(rule)}${words}` }));
  const exact = rules.slice(0, 1);
  return [
    { decision: "allow", words: "this call only" },
    ...longer("allow_session", context.isOneRun ? ", until this run ends" : ", in this session"),
    ...(context.isJob ? longer("allow_job", ", in every run of this job; it asks for nothing else then", exact) : []),
    ...(context.canKeep ? longer("allow_always", ALWAYS, exact) : []),
    { decision: "deny", words: "nothing; the model is told so" },
  ];
}

const ALWAYS = ", always and in every folder: as a rule in your openclaw.yml";

/** Nothing that holds for longer than this call but what the job is given: what another answer covered would not be asked about. */
function rehearsalOffers(
  { grants, file }: NonNullable<OfferContext["rehearsed"]>,
  rules: Rule[],
  { canKeep }: OfferContext,
): Offer[] {
  const [rule] = grants.length === 1 ? grants : [];
  const always = `${grants.map(coverWords).join("; ")}, always for this job`;
  const where = file === undefined ? "" : `: what to write into ${file} is shown at the end`;
  return [
    { decision: "allow", words: "this time" },
    ...(grants.length > 0
      ? [{ decision: "allow_job" as const, ...defined({ rule }), words: `${always}${where}` }]
      : []),
    ...(canKeep
      ? rules.slice(0, 1).map((kept) => ({
          decision: "allow_always" as const,
          rule: kept,
          words: `${coverWords(kept)}${ALWAYS}`,
        }))
      : []),
    { decision: "deny", words: "nothing; the model is told so" },
  ];
}

/** The narrowest rule that covers all of it, and perhaps a wider one. */
function rulesFor(things: DoneThing[], { workspace, covers }: OfferContext): Rule[] {
  const [first] = things;
  if (!first) return [];
  const isCommand = first.deed === "exec" && things.slice(1).every((thing) => thing.deed === "network");
  if (!isCommand && things.some((thing) => thing.deed !== first.deed)) return [];
  const rules = isCommand ? commandRules(first.place, things.slice(1)) : candidates(first, things, workspace);
  return rules.filter((rule) => ruleSchema.safeParse(rule).success && covers(rule));
}

/** For a command that would reach a host: that command and that host, or the host from any command. */
function commandRules(line: string, reached: DoneThing[]): Rule[] {
  const prefix = commandPrefix(line);
  // Letter for letter, where it is no command of a POSIX shell.
  const [command = line, ...others] = ruleCommands(line);
  const exact: Rule[] = command.endsWith(" *") || others.length > 0 ? [] : [{ allow: "exec", command }];
  if (reached.length === 0)
    return [...exact, ...(prefix === undefined ? [] : [{ allow: "exec", command: prefix } as const])];
  if (reached.length > 1) return [];
  const host = toPattern(reached[0]!.place);
  return [...exact.map((rule) => ({ ...rule, host })), { allow: "network", host }];
}

function candidates(first: DoneThing, things: DoneThing[], workspace: string): Rule[] {
  const { deed, place, hash } = first;
  if (deed === "edit") {
    const folder = sharedFolder(things.map((thing) => fromWorkspace(thing.place, workspace)));
    return folder === undefined ? [] : [{ allow: "edit", path: folder }];
  }
  if (things.length > 1) return [];
  if (deed === "delete") {
    const shown = fromWorkspace(place, workspace);
    const path = shown === undefined ? undefined : exactPath(shown);
    return path === undefined ? [] : [{ allow: "delete", path }];
  }
  if (deed === "message") return [{ allow: "message", ...readMessagePlace(place) }];
  if (deed === "mcp") {
    const [server = "", tool = ""] = place.split("/");
    return [{ allow: "mcp", server, tool, ...defined({ hash }) }];
  }
  const host = URL.parse(place)?.host;
  return host && (deed === "web_fetch" || deed === "browser") ? [{ allow: deed, host }] : [];
}

/** The glob for the folder that holds all these files, and what is below it; of the workspace itself not what is below. */
function sharedFolder(paths: (string | undefined)[]): string | undefined {
  const folders = paths.map((path) => path?.split("/").slice(0, -1));
  let shared = folders[0];
  for (const folder of folders) {
    if (!folder || !shared) return undefined;
    const end = shared.findIndex((name, at) => name !== folder[at]);
    shared = end === -1 ? shared : shared.slice(0, end);
  }
  if (!shared) return undefined;
  if (shared.length === 0) return folders.every((folder) => folder!.length === 0) ? "*" : "**";
  const path = exactPath(shared.join("/"));
  return path === undefined ? undefined : `${path}/**`;
}
