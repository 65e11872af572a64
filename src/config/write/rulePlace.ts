import { isDeepStrictEqual } from "node:util";
import type { YAMLSeq } from "yaml";
import type { Rule } from "../../protocol/rule.ts";
import { expandEnv, literally } from "../expandEnv.ts";

/** Where in a list of rules of the user's file one stands that says the same, once its ${NAME}s are replaced; -1 where none does. */
export function placeOfRule(rules: YAMLSeq, rule: Rule): number {
  return (rules.toJSON() as unknown[]).findIndex((one) => isDeepStrictEqual(ofTexts(one, expanded), rule));
}

/** A rule as it is written there. */
export function written(rule: Rule): unknown {
  return ofTexts(rule, literally);
}

/** A rule with each of its texts made another. */
function ofTexts(rule: unknown, make: (text: string) => string): unknown {
  if (typeof rule !== "object" || rule === null) return rule;
  return Object.fromEntries(
    Object.entries(rule).map(([key, value]) => [key, typeof value === "string" ? make(value) : value]),
  );
}

function expanded(text: string): string {
  return expandEnv(text, process.env).text ?? text;
}
