import { allowing } from "../../rules/coverage.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { Prepared, Tool } from "../ports/tool.ts";
import { toThings } from "./decide.ts";

const ONLY_LOOKS = "Nothing is changed while a plan is made";

/**
 * Why a call is refused in a run that plans; undefined for one that only looks, which asks as it would in any other run. By
 * what the tool is and what the call would do: no rule, grant or person's word lets it change something.
 */
export function planRefusal(
  { name, effect, server }: Pick<Tool, "name" | "effect" | "server">,
  { ask, looks }: Pick<Prepared, "ask" | "looks">,
  { rules, workspace }: { rules: Rule[]; workspace: string },
): string | undefined {
  if (effect === "read" || looks) return undefined;
  if (effect === "exec") {
    if (ask?.safe && !ask.protected) return undefined;
    return `${ONLY_LOOKS}: only commands run that are known to read. Put what has to be run into the plan.`;
  }
  if (server !== undefined) {
    // What a server says of its own tool is no reason to believe it.
    const isKnown =
      ask !== undefined &&
      allowing(
        rules.filter(({ readOnly }) => readOnly),
        toThings(ask, name),
        workspace,
      );
    if (isKnown) return undefined;
    return `${ONLY_LOOKS}, and no rule of the user says that ${name} only looks (readOnly: true). Put it into the plan.`;
  }
  return `${ONLY_LOOKS}: ${name} does not only look. Put what it would do into the plan.`;
}

/** For the model of a run that plans. */
export function planWords(isSubagent: boolean): string {
  return isSubagent
    ? "You may only look: whatever would change something is refused, and no approval helps. Say what you found."
    : "You are to make a plan, and may only look: whatever would change something is refused, and no approval helps. Find out what the task needs, then reply with the plan alone, in Markdown: what is to be changed where, in which order, and how it is checked. The user may edit it; the work begins when they accept it.";
}

/** Tools that never only look: a run that plans is not told of them. */
export const NEVER_LOOKING = ["write", "edit", "apply_patch", "refactor", "run_task", "browser"];
