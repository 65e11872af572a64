import { type Document, isSeq } from "yaml";
import { defined } from "../../base/defined.ts";
import type { Rule } from "../../protocol/rule.ts";
import { changeConfig } from "./changeConfig.ts";
import { placeOfRule, written } from "./rulePlace.ts";

/**
 * Adds a rule to `agent.rules` of an openclaw.yml, which keeps its comments, or makes the file. Rejects with `conflict`
 * where it has faults or is otherwise such that a rule has no place in it; then nothing has changed.
 * So where `mayWrite` rejects, which is asked when all is ready.
 */
export async function addRule(path: string, rule: Rule, mayWrite?: () => Promise<void>): Promise<void> {
  await changeConfig(path, (document) => put(document, rule), {
    what: "No rule",
    byHand: JSON.stringify(written(rule)),
    misfit: "agent.rules is no list there",
    ...defined({ mayWrite }),
  });
}

/** False when the rule is there already. Throws where something else is in its place. */
function put(document: Document, rule: Rule): boolean {
  if (document.getIn(["agent"]) === null) document.deleteIn(["agent"]);
  const rules = document.getIn(PLACE);
  if (rules === undefined || rules === null) document.setIn(PLACE, document.createNode([]));
  else if (!isSeq(rules)) throw new TypeError("not a list");
  else if (placeOfRule(rules, rule) >= 0) return false;
  document.addIn(PLACE, document.createNode(written(rule), { flow: true }));
  return true;
}

const PLACE = ["agent", "rules"];
