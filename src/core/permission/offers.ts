import { defined } from "../../base/defined.ts";
import { visibleLine, visibleOnce } from "../../base/text/visible.ts";
import type { ApprovalDecision, Offer } from "../../protocol/approval.ts";
import type { Rule } from "../../protocol/rule.ts";
import { commandPrefix } from "../../rules/commandPrefix.ts";
import { type DoneThing, fromWorkspace } from "../../rules/coverage.ts";
import { reachWords, toPattern } from "../../rules/hostPattern.ts";
import { exactPath } from "../../rules/exactPath.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";
import type { ApprovalAsk } from "../ports/tool.ts";
import { toThings } from "./decide.ts";

export interface OfferContext {
  tool: string;
  workspace: string;
  /** Whether what is allowed for the session ends with the run: nobody wrote its message. */
  isOneRun: boolean;
  /** Whether the run is a job's, which can be granted something. */
  isJob: boolean;
  /** Whether rules can be written down. */
  canKeep: boolean;
  /** Whether the same call would run unasked if a rule were among what was allowed for it. */
  covers(rule: Rule): boolean;
}

/** The answers to an ask. One that holds for longer says by which rule, and is there only where a rule says it exactly. */
export function offersFor(ask: ApprovalAsk, context: OfferContext): Offer[] {
  const things = toThings(ask, context.tool);
  const rules = ask.protected || ask.once ? [] : rulesFor(things, context);
  const longer = (decision: ApprovalDecision, words: string, given = rules): Offer[] =>
    given.map((rule) => ({ decision, rule, words: `${coverWords(rule)}${words}` }));
  const exact = rules.slice(0, 1);
  return [
    { decision: "allow", words: "this call only" },
    ...longer("allow_session", context.isOneRun ? ", until this run ends" : ", in this session"),
    ...(context.isJob ? longer("allow_job", ", in every run of this job; it asks for nothing else then", exact) : []),
    ...(context.canKeep ? longer("allow_always", ", always: as a rule in your openclaw.yml", exact) : []),
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
  const exact: Rule[] = line.endsWith(" *") ? [] : [{ allow: "exec", command: line }];
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

/** What a rule covers, for people: "run exactly `npm test`". */
export function coverWords(rule: Rule): string {
  const { allow, command = "", path = "", host = "" } = rule;
  const shown = (text: string) => visibleLine(text.replace(/\[(.)\]/g, "$1"), 200);
  switch (allow) {
    case "exec":
      return command.endsWith(" *")
        ? `run \`${visibleLine(visibleOnce(command.slice(0, -2)), 200)} …\` with any words after it`
        : `run exactly \`${visibleLine(visibleOnce(command), 200)}\`${host === "" ? "" : `, ${reachWords([host])}`}`;
    case "edit":
      return `change ${editWords(path, shown)}, delete nothing`;
    case "delete":
      return `delete ${shown(path)}`;
    case "web_fetch":
      return `fetch pages of ${host}`;
    case "browser":
      return `use ${host} in the browser`;
    case "mcp":
      return `call ${rule.tool ?? "any tool"} of ${rule.server}${rule.hash === undefined ? "" : ", as long as it is described as now"}`;
    case "read":
      return `read ${shown(path)}`;
    case "network":
      return host === "*" ? "let commands use the network" : `let commands reach ${host}`;
    default:
      return "nothing";
  }
}

function editWords(path: string, shown: (text: string) => string): string {
  if (path === "*") return "files at the top of the folder, none below";
  if (path === "**") return "any file of the folder that is not protected";
  return path.endsWith("/**") ? `files under ${shown(path.slice(0, -2))}` : shown(path);
}
