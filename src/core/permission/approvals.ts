import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";
import type { ToolCall } from "../../protocol/message.ts";
import type { Approvals } from "../core.ts";
import type { Journal } from "../state/journal.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { ApprovalAsk, Consent } from "../ports/tool.ts";

export interface ApprovalDesk extends Approvals {
  /** Resolves once the policy or a person has decided; rejects with `signal.reason` when the run ends first. */
  decide(request: ApprovalRequest): Promise<Retry>;
  /** What the policy says without asking anybody; undefined when a person has to be asked. */
  unasked(ask: ApprovalAsk, sessionKey: string): Retry | undefined;
  /** Forgets what was allowed for a session. */
  forget(sessionKey: string): void;
}

export interface ApprovalRequest {
  ask: ApprovalAsk;
  call: ToolCall;
  cwd: string;
  journal: Journal;
  signal: AbortSignal;
}

/** `reason` is for the model, when it was not allowed. */
export type Retry = { allowed: true; consent: Consent } | { allowed: false; reason: string };

interface Pending {
  approval: Approval;
  scope: string;
  isProtected: boolean;
  settle(decision: ApprovalDecision, by: string): void;
}

export function createApprovalDesk(options: { clock: Clock; settings: () => AgentSettings }): ApprovalDesk {
  const { clock, settings } = options;
  const pending = new Map<string, Pending>();
  const granted = new Map<string, Set<string>>();

  const wait = async (request: ApprovalRequest): Promise<Retry> => {
    const { ask, call, journal, signal } = request;
    const now = clock.now();
    const expires = now + settings().approvalTimeoutMs;
    const approval: Approval = {
      id: newId("ap"),
      sessionKey: journal.run.sessionKey,
      runId: journal.run.id,
      callId: call.id,
      tool: call.name,
      summary: visibleLine(ask.summary, 500),
      subject: ask.subject,
      reason: ask.reason,
      hash: createHash("sha256")
        .update(JSON.stringify([call.name, call.input, request.cwd, ask.effects ?? []]))
        .digest("hex"),
      createdAt: isoTime(now),
      expiresAt: isoTime(expires),
    };
    const answer = Promise.withResolvers<{ decision: ApprovalDecision; by: string }>();
    const settle = (decision: ApprovalDecision, by: string) => {
      if (pending.delete(approval.id)) answer.resolve({ decision, by });
    };
    pending.set(approval.id, { approval, scope: ask.scope, isProtected: ask.protected, settle });
    const onAbort = () => {
      if (pending.delete(approval.id)) answer.reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const expiry = clock.at(expires, () => settle("deny", "time-out"));
    try {
      await journal.write([{ type: "approval.asked", approval }]);
      const { decision, by } = await answer.promise;
      await journal.write([{ type: "approval.answered", approvalId: approval.id, callId: call.id, decision, by }]);
      if (decision !== "deny") return { allowed: true, consent: "person" };
      return {
        allowed: false,
        reason:
          by === "time-out"
            ? "Nobody answered the request for approval in time, so it counts as denied."
            : "The user denied this call.",
      };
    } finally {
      pending.delete(approval.id);
      expiry.dispose();
      signal.removeEventListener("abort", onAbort);
    }
  };

  const unasked = (ask: ApprovalAsk, sessionKey: string): Retry | undefined => {
    const mode = settings().approvals;
    if (mode === "deny")
      return { allowed: false, reason: "This gateway is set to deny every call that would need approval." };
    if (ask.protected) return undefined;
    if (mode === "auto") return { allowed: true, consent: "mode" };
    if (mode === "auto-safe" && ask.safe) return { allowed: true, consent: "harmless" };
    return granted.get(sessionKey)?.has(ask.scope) ? { allowed: true, consent: "allowance" } : undefined;
  };

  return {
    list: (sessionKey) =>
      [...pending.values()]
        .map((item) => item.approval)
        .filter((approval) => !sessionKey || approval.sessionKey === sessionKey),
    async answer(id, decision, by) {
      const item = pending.get(id);
      if (!item) throw new AppError("not_found", `No approval ${JSON.stringify(visibleLine(id, 80))} is waiting`);
      const key = item.approval.sessionKey;
      if (decision === "allow_session" && !item.isProtected) {
        if (!granted.has(key)) granted.set(key, new Set());
        granted.get(key)!.add(item.scope);
        // What waits beside it under the same scope is covered by the same word.
        for (const other of [...pending.values()]) {
          if (other !== item && other.approval.sessionKey === key && other.scope === item.scope && !other.isProtected)
            other.settle("allow_session", by);
        }
      }
      item.settle(decision, by);
      return item.approval;
    },
    async decide(request) {
      request.signal.throwIfAborted();
      return unasked(request.ask, request.journal.run.sessionKey) ?? (await wait(request));
    },
    unasked,
    forget: (sessionKey) => granted.delete(sessionKey),
  };
}
