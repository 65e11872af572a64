import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord } from "../../protocol/run.ts";

/** What persons allowed for sessions, kept while this process lives. */
export interface Allowances {
  of(run: HeldRun): Rule[];
  add(run: HeldRun, rule: Rule): void;
  forget(sessionKey: string): void;
  list(): { sessionKey: string; rule: Rule }[];
  /** Takes it from everybody who has it there; false where nobody has. */
  remove(sessionKey: string, rule: Rule): boolean;
}

type HeldRun = Pick<RunRecord, "id" | "sessionKey" | "origin">;

export function createAllowances(): Allowances {
  /** Of each session: what whose words allowed. */
  const held = new Map<string, Map<string, Rule[]>>();
  return {
    of: (run) => held.get(run.sessionKey)?.get(holderOf(run)) ?? [],
    add(run, rule) {
      const own = held.get(run.sessionKey) ?? new Map<string, Rule[]>();
      held.set(run.sessionKey, own.set(holderOf(run), [...(own.get(holderOf(run)) ?? []), rule]));
    },
    forget: (sessionKey) => held.delete(sessionKey),
    list: () =>
      [...held].flatMap(([sessionKey, own]) => [...own.values()].flat().map((rule) => ({ sessionKey, rule }))),
    remove(sessionKey, rule) {
      const own = held.get(sessionKey) ?? new Map<string, Rule[]>();
      const words = JSON.stringify(rule);
      let isGone = false;
      for (const [holder, rules] of own) {
        const left = rules.filter((one) => JSON.stringify(one) !== words);
        isGone ||= left.length < rules.length;
        own.set(holder, left);
      }
      return isGone;
    },
  };
}

/**
 * Whose an allowance is: the person's who wrote the message, at the door they came by. What a job, another session or
 * a webhook says has what was allowed in its own run, and nothing of anybody else's.
 */
export function holderOf({ id, origin }: Pick<RunRecord, "id" | "origin">): string {
  return JSON.stringify(isPerson(origin) ? [origin.via, origin.id ?? ""] : ["run", id]);
}

export function isPerson({ via }: RunRecord["origin"]): boolean {
  return !["cron", "subagent", "webhook"].includes(via);
}
