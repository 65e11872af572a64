import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { Keep } from "../ports/batch.ts";

export interface Approvals {
  /** Those that wait, whichever process asks. */
  list(sessionKey?: string): Promise<Approval[]>;
  /** not_found when it was answered, has expired or never was. `by` is kept in the event: "panel", "api:ci". */
  answer(
    id: string,
    decision: ApprovalDecision,
    by: string,
    more?: { rule?: Rule; keep?: Keep<Approval> },
  ): Promise<Approval>;
  /** What was allowed for sessions, in this process. */
  allowances(): { sessionKey: string; rule: Rule }[];
  /** Takes a rule out of the user's configuration, or what was allowed for a session away. `conflict` or `not_found` where it is not there. */
  removeRule(rule: Rule, sessionKey?: string): Promise<void>;
  /** Puts a rule into the user's configuration. */
  addRule(rule: Rule): Promise<void>;
}
