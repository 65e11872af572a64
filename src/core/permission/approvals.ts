import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { visibleLine } from "../../base/visible.ts";
import { onAbort } from "../../base/wait.ts";
import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";
import type { ToolCall } from "../../protocol/message.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Approvals } from "../core.ts";
import type { Journal } from "../state/journal.ts";
import { decide } from "./decide.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { ApprovalAsk, Consent } from "../ports/tool.ts";

export interface ApprovalDesk extends Approvals {
  /** Resolves once the policy or a person has decided; rejects with `signal.reason` when the run ends first. */
  decide(request: ApprovalRequest): Promise<Verdict>;
  /** What the policy says without asking anybody; undefined when a person has to be asked. */
  unasked(request: Pick<ApprovalRequest, "ask" | "call" | "cwd" | "journal">): Verdict | undefined;
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
export type Verdict = { allowed: true; consent: Consent; by: string } | { allowed: false; reason: string };

interface Pending {
  approval: Approval;
  scope: string;
  holder: string;
  isProtected: boolean;
  settle(decision: ApprovalDecision, by: string): void;
}

export function createApprovalDesk(options: { clock: Clock; settings: () => AgentSettings }): ApprovalDesk {
  const { clock, settings } = options;
  const pending = new Map<string, Pending>();
  /** Of each session: what whose words allowed. */
  const granted = new Map<string, Map<string, Set<string>>>();

  const wait = async (request: ApprovalRequest): Promise<Verdict> => {
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
    pending.set(approval.id, {
      approval,
      scope: ask.scope,
      holder: holderOf(journal.run),
      isProtected: ask.protected,
      settle,
    });
    // Awaited when the question is stored; the run may have been stopped by then.
    answer.promise.catch(() => {});
    const gone = onAbort(signal, () => {
      if (pending.delete(approval.id)) answer.reject(signal.reason);
    });
    const expiry = clock.at(expires, () => settle("deny", "time-out"));
    try {
      await journal.write([{ type: "approval.asked", approval }]);
      const { decision, by } = await answer.promise;
      await journal.write([{ type: "approval.answered", approvalId: approval.id, callId: call.id, decision, by }]);
      if (decision !== "deny") return { allowed: true, consent: "person", by };
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
      gone.dispose();
    }
  };

  const unasked: ApprovalDesk["unasked"] = ({ ask, call, cwd, journal }) => {
    const { approvals, rules = [] } = settings();
    const { run } = journal;
    const verdict = decide(ask, {
      tool: call.name,
      workspace: cwd,
      settings: { approvals, rules },
      grants: run.grants ?? [],
      isRemembered: granted.get(run.sessionKey)?.get(holderOf(run))?.has(ask.scope) ?? false,
      attended: run.attended ?? true,
    });
    if (verdict.verdict === "allowed") return { allowed: true, consent: verdict.consent, by: verdict.by };
    return verdict.verdict === "refused" ? { allowed: false, reason: verdict.reason } : undefined;
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
        const own = granted.get(key) ?? new Map<string, Set<string>>();
        granted.set(key, own.set(item.holder, (own.get(item.holder) ?? new Set()).add(item.scope)));
        // What waits beside it under the same scope is covered by the same word.
        for (const other of [...pending.values()]) {
          const isSame =
            other.approval.sessionKey === key && other.holder === item.holder && other.scope === item.scope;
          if (other !== item && isSame && !other.isProtected) other.settle("allow_session", by);
        }
      }
      item.settle(decision, by);
      return item.approval;
    },
    async decide(request) {
      request.signal.throwIfAborted();
      return unasked(request) ?? (await wait(request));
    },
    unasked,
    forget: (sessionKey) => granted.delete(sessionKey),
  };
}

/**
 * Whose an allowance is: the person's who wrote the message, at the door they came by. What a job, another session or
 * a webhook says has what was allowed in its own run, and nothing of anybody else's.
 */
function holderOf({ id, origin }: Pick<RunRecord, "id" | "origin">): string {
  const isPerson = !["cron", "subagent", "webhook"].includes(origin.via);
  return JSON.stringify(isPerson ? [origin.via, origin.id ?? ""] : ["run", id]);
}
