import { type Document, isSeq } from "yaml";
import { AppError } from "../../base/appError.ts";
import type { Rule } from "../../protocol/rule.ts";
import { changeConfig } from "./changeConfig.ts";
import { placeOfRule, written } from "./rulePlace.ts";

/** Takes a rule out of `agent.rules` of an openclaw.yml, which keeps its comments. `conflict` where it is not there, or the file has faults. */
export async function removeRule(path: string, rule: Rule): Promise<void> {
  let isThere = false;
  await changeConfig(path, (document) => (isThere = take(document, rule)), {
    what: "No change",
    byHand: `take out ${JSON.stringify(written(rule))}`,
    misfit: "agent.rules is no list there",
  });
  if (!isThere) throw new AppError("conflict", `${path} does not have this rule: another file has it`);
}

function take(document: Document, rule: Rule): boolean {
  const rules = document.getIn(["agent", "rules"]);
  if (!isSeq(rules)) return false;
  const at = placeOfRule(rules, rule);
  if (at >= 0) rules.delete(at);
  return at >= 0;
}
