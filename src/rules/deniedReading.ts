import type { Rule } from "../protocol/rule.ts";
import { denying, ruleWords } from "./coverage.ts";

/** Why no rule lets a file be read: the one that denies it, in words; undefined where none does. Takes a real path. */
export function deniedReading(rules: Rule[], real: string, workspace: string): string | undefined {
  const denied = denying(rules, [{ deed: "read", place: real }], workspace);
  return denied && `a rule refuses this: ${ruleWords(denied.rule)}`;
}
