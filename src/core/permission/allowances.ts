import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord } from "../../protocol/run.ts";

/** What persons allowed for sessions, kept while this process lives. */
export interface Allowances {
  of(holder: Holder): Rule[];
  add(holder: Holder, rule: Rule): void;
  forget(sessionKey: string): void;
  list(): { sessionKey: string; rule: Rule }[];
  /** Takes it from everybody who has it there; false where nobody has. */
  remove(sessionKey: string, rule: Rule): boolean;
}

/** A run, and since when its session is what it is: nothing is allowed where that is not known. */
interface Holder {
  run: Pick<RunRecord, "id" | "sessionKey" | "origin">;
  since?: string | undefined;
}

export function createAllowances(): Allowances {
  /** Of each session: what whose words allowed, and since when it is what it is. */
  const held = new Map<string, { since: string; own: Map<string, Rule[]> }>();
  /** What was said before it was reset, or of another one of its key, is over: another process may have done that. */
  const ownOf = ({ run: { sessionKey }, since }: Holder): Map<string, Rule[]> | undefined => {
    const kept = held.get(sessionKey);
    return kept?.since === since ? kept?.own : undefined;
  };
  return {
    of: (holder) => ownOf(holder)?.get(holderOf(holder.run)) ?? [],
    add(holder, rule) {
      const { run, since } = holder;
      const own = ownOf(holder) ?? new Map<string, Rule[]>();
      own.set(holderOf(run), [...(own.get(holderOf(run)) ?? []), rule]);
      if (since !== undefined) held.set(run.sessionKey, { since, own });
    },
    forget: (sessionKey) => held.delete(sessionKey),
    list: () =>
      [...held].flatMap(([sessionKey, { own }]) => [...own.values()].flat().map((rule) => ({ sessionKey, rule }))),
    remove(sessionKey, rule) {
      const own = held.get(sessionKey)?.own ?? new Map<string, Rule[]>();
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
