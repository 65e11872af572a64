import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Rule } from "../../protocol/rule.ts";
import { coverWords } from "../../rules/coverWords.ts";
import { type DoneThing, fromWorkspace } from "../../rules/coverage.ts";
import { exactPath } from "../../rules/exactPath.ts";
import { toPattern } from "../../rules/hostPattern.ts";
import { readMessagePlace } from "../../rules/messagePlace.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";
import { parseShellLine } from "../../shell/shellLine.ts";
import type { ApprovalAsk } from "../ports/tool.ts";
import { toThings } from "./decide.ts";

/** The narrowest rules under which the same call would run unasked; or why none say it. */
export type Proposal = { grants: Rule[] } | { ungranted: string };

/**
 * What a rehearsal proposes for an ask: exactly these words, exactly these paths, this host. `covers` says whether the
 * same call would run unasked under such rules.
 */
export function proposalFor(
  ask: ApprovalAsk,
  { tool, workspace, covers }: { tool: string; workspace: string; covers(rules: Rule[]): boolean },
): Proposal {
  if (ask.protected)
    return {
      ungranted:
        "It is about what is protected: only a rule that you write by hand and that names exactly that allows it.",
    };
  if (ask.once)
    return { ungranted: "It goes further than the same call otherwise would, and is asked about each time." };
  const things = toThings(ask, tool);
  const line = things.find(({ deed }) => deed === "exec")?.place;
  const parsed = line === undefined ? undefined : parseShellLine(line);
  if (parsed && !parsed.understood)
    return { ungranted: `No rule says what this line does: ${visibleLine(parsed.reason, 200)}` };
  const hosts = things.flatMap(({ deed, place }) => (deed === "network" ? [toPattern(place)] : []));
  const found = things.flatMap((thing) =>
    thing.deed === "network" && line !== undefined ? [] : exactRules(thing, hosts, workspace),
  );
  const grants = [...new Map(found.map((rule) => [JSON.stringify(rule), rule])).values()];
  const isSaid = grants.length > 0 && grants.every((rule) => ruleSchema.safeParse(rule).success) && covers(grants);
  return isSaid
    ? { grants }
    : {
        ungranted:
          line === undefined
            ? "No rule says exactly this."
            : "No rule says exactly this line: it does more than start programs with plain words.",
      };
}

/** What a call lacked that nobody was there to allow: what it would have done, and every right that this needs. */
export function lackedWords(ask: Pick<ApprovalAsk, "summary">, proposal: Proposal): string {
  if ("ungranted" in proposal) return `${ask.summary} (${proposal.ungranted})`;
  const { grants } = proposal;
  const [first] = grants;
  // The words of a command, and the name of a file, are the right themselves.
  const isSaid =
    grants.length === 1 && first!.host === undefined && first!.server === undefined && first!.channel === undefined;
  return isSaid ? ask.summary : `${ask.summary}: ${grants.map(coverWords).join("; ")}`;
}

function exactRules(thing: DoneThing, hosts: string[], workspace: string): Rule[] {
  const { deed, place, hash } = thing;
  if (deed === "exec") return commandRules(place, hosts);
  if (deed === "edit" || deed === "delete" || deed === "read") {
    const shown = fromWorkspace(place, workspace);
    const path = shown === undefined ? undefined : exactPath(shown);
    return path === undefined ? [] : [{ allow: deed, path }];
  }
  if (deed === "message") return [{ allow: "message", ...readMessagePlace(place) }];
  if (deed === "mcp") {
    const [server = "", tool = ""] = place.split("/");
    return [{ allow: "mcp", server, tool, ...defined({ hash }) }];
  }
  if (deed === "network") return [{ allow: "network", host: toPattern(place) }];
  const host = URL.parse(place)?.host;
  return host ? [{ allow: deed, host }] : [];
}

/** The commands of a line, each as a rule says it; [] for one that is not understood. */
export function ruleCommands(line: string): string[] {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return [];
  return parsed.commands.map(({ place, redirects, words }) =>
    // Where its output goes, which is only ever nowhere in a line that rules allow, is no part of a rule.
    redirects.length > 0 ? words.map(({ text }) => quoted(text)).join(" ") : line.slice(place.start, place.end).trim(),
  );
}

/** One for each command of the line, as it is written there, and each host that it may reach. */
function commandRules(line: string, hosts: string[]): Rule[] {
  const commands = ruleCommands(line);
  // "git log *" would be a rule for any words after it.
  if (commands.some((command) => command.endsWith(" *"))) return [];
  return commands.flatMap((command): Rule[] =>
    hosts.length === 0 ? [{ allow: "exec", command }] : hosts.map((host) => ({ allow: "exec", command, host })),
  );
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
