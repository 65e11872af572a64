import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { visibleLine } from "../../base/visible.ts";
import { defined } from "../../base/defined.ts";
import { onAbort } from "../../base/wait.ts";
import type { Approval, ApprovalDecision, Offer } from "../../protocol/approval.ts";
import type { ToolCall } from "../../protocol/message.ts";
import type { Approvals } from "../core.ts";
import type { Journal } from "../state/journal.ts";
import { type Rule, ruleShape } from "../../protocol/rule.ts";
import type { GivenRules } from "../../rules/reach.ts";
import { ruleWords } from "../../rules/coverage.ts";
import { type Allowances, createAllowances, isPerson } from "./allowances.ts";
import { decide } from "./decide.ts";
import { grantLists } from "./grantLists.ts";
import { offersFor } from "./offers.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { ApprovalAsk, Consent } from "../ports/tool.ts";

export interface ApprovalDesk extends Approvals {
  /** Resolves once the policy or a person has decided; rejects with `signal.reason` when the run ends first. */
  decide(request: ApprovalRequest): Promise<Verdict>;
  /** What the policy says without asking anybody; undefined when a person has to be asked. */
  unasked(question: Question): Verdict | undefined;
  /** The rules that a run goes by, as they are now. */
  given(run: Journal["run"]): GivenRules;
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

type Question = Pick<ApprovalRequest, "ask" | "call" | "cwd" | "journal">;

/** `reason` is for the model, when it was not allowed; `lacked` says what nobody was there to allow. */
export type Verdict =
  | { allowed: true; consent: Consent; by: string }
  | { allowed: false; reason: string; lacked?: string };

export interface ApprovalDeskOptions {
  clock: Clock;
  settings: () => AgentSettings;
  /** Writes a rule into the user's configuration, which has it from then on; absent: nowhere. */
  keepRule?: (rule: Rule) => Promise<void>;
  /** Adds a rule to a job's grants. */
  grantJob: (jobId: string, rule: Rule) => Promise<void>;
}

interface Parts extends ApprovalDeskOptions {
  pending: Map<string, Pending>;
  allowances: Allowances;
}

interface Pending {
  approval: Approval;
  request: ApprovalRequest;
  settle(answer: Answer): void;
}

interface Answer {
  decision: ApprovalDecision;
  by: string;
  /** Where it was covered by the answer to another one. */
  verdict?: Verdict;
}

export function createApprovalDesk(options: ApprovalDeskOptions): ApprovalDesk {
  const parts: Parts = { ...options, pending: new Map(), allowances: createAllowances() };
  return {
    list: (sessionKey) => listPending(parts, sessionKey),
    answer: (id, decision, by, rule) => answer(parts, id, decision, by, rule),
    async decide(request) {
      request.signal.throwIfAborted();
      return unasked(parts, request) ?? (await ask(parts, request));
    },
    unasked: (question) => unasked(parts, question),
    given: (run) => given(parts, run),
    forget: (sessionKey) => parts.allowances.forget(sessionKey),
  };
}

function listPending({ pending }: Parts, sessionKey: string | undefined): Approval[] {
  const all = [...pending.values()].map((item) => item.approval);
  return all.filter((approval) => !sessionKey || approval.sessionKey === sessionKey);
}

async function answer(
  parts: Parts,
  id: string,
  decision: ApprovalDecision,
  by: string,
  rule: Rule | undefined,
): Promise<Approval> {
  const item = waiting(parts, id);
  const offer = chosen(item.approval, decision, rule);
  const { run } = item.request.journal;
  if (offer.rule && decision === "allow_always") await parts.keepRule!(offer.rule);
  if (offer.rule && decision === "allow_job") await parts.grantJob(run.origin.id!, offer.rule);
  // Its time may be over since.
  waiting(parts, id);
  if (offer.rule && decision !== "allow_always") parts.allowances.add(run, offer.rule);
  item.settle({ decision, by });
  if (offer.rule) settleCovered(parts, decision, by);
  return item.approval;
}

function waiting({ pending }: Parts, id: string): Pending {
  const item = pending.get(id);
  if (!item) throw new AppError("not_found", `No approval ${JSON.stringify(visibleLine(id, 80))} is waiting`);
  return item;
}

/** What waits beside it and may be done now is covered by the same word. */
function settleCovered(parts: Parts, decision: ApprovalDecision, by: string): void {
  for (const { request, settle } of [...parts.pending.values()]) {
    const verdict = unasked(parts, request);
    if (verdict?.allowed && (verdict.consent === "rule" || verdict.consent === "allowance"))
      settle({ decision, by, verdict });
  }
}

function given({ settings, allowances }: Parts, run: Journal["run"]): GivenRules {
  return { rules: settings().rules ?? [], grants: grantLists(run, settings()), allowances: allowances.of(run) };
}

/** By the rules that the run has, and some more that it may be given. */
function verdictOn(parts: Parts, { ask: asked, call, cwd, journal }: Question, more: Rule[] = []) {
  const { rules, grants, allowances } = given(parts, journal.run);
  return decide(asked, {
    tool: call.name,
    workspace: cwd,
    settings: { approvals: parts.settings().approvals, rules },
    grants,
    allowances: [...allowances, ...more],
    attended: journal.run.attended ?? true,
  });
}

function unasked(parts: Parts, question: Question): Verdict | undefined {
  const verdict = verdictOn(parts, question);
  if (verdict.verdict === "allowed") return { allowed: true, consent: verdict.consent, by: verdict.by };
  if (verdict.verdict === "asked") return undefined;
  return { allowed: false, reason: verdict.reason, ...defined({ lacked: verdict.lacked }) };
}

/** Puts the question to whoever watches, and waits for a word, its time-out or the run's end. */
async function ask(parts: Parts, request: ApprovalRequest): Promise<Verdict> {
  const { clock, pending } = parts;
  const { call, journal, signal } = request;
  const approval = toApproval(parts, request);
  const answered = Promise.withResolvers<Answer>();
  const settle = (how: Answer): void => {
    if (pending.delete(approval.id)) answered.resolve(how);
  };
  pending.set(approval.id, { approval, request, settle });
  // Awaited when the question is stored; the run may have been stopped by then.
  answered.promise.catch(() => {});
  const gone = onAbort(signal, () => {
    if (pending.delete(approval.id)) answered.reject(signal.reason);
  });
  const expiry = clock.at(Date.parse(approval.expiresAt), () => settle({ decision: "deny", by: "time-out" }));
  try {
    await journal.write([{ type: "approval.asked", approval }]);
    const { decision, by, verdict } = await answered.promise;
    await journal.write([{ type: "approval.answered", approvalId: approval.id, callId: call.id, decision, by }]);
    if (verdict) return verdict;
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
}

function toApproval(parts: Parts, request: ApprovalRequest): Approval {
  const { clock, settings, keepRule } = parts;
  const { ask: asked, call, cwd, journal } = request;
  const now = clock.now();
  return {
    id: newId("ap"),
    sessionKey: journal.run.sessionKey,
    runId: journal.run.id,
    callId: call.id,
    tool: call.name,
    summary: visibleLine(asked.summary, 500),
    subject: asked.subject,
    reason: asked.reason,
    hash: createHash("sha256")
      .update(JSON.stringify([call.name, call.input, cwd, asked.effects ?? []]))
      .digest("hex"),
    offers: offersFor(asked, {
      tool: call.name,
      workspace: cwd,
      isOneRun: !isPerson(journal.run.origin),
      isJob: jobOf(journal) !== undefined,
      canKeep: keepRule !== undefined,
      covers: (rule) => verdictOn(parts, request, [rule]).verdict === "allowed",
    }),
    createdAt: isoTime(now),
    expiresAt: isoTime(now + settings().approvalTimeoutMs),
  };
}

/** The offer that an answer takes: the first of its decision, where it names no rule. */
function chosen({ offers }: Approval, decision: ApprovalDecision, rule: Rule | undefined): Offer {
  const wanted = rule && JSON.stringify(ruleShape.parse(rule));
  const found = offers.find(
    (offer) => offer.decision === decision && (wanted === undefined || JSON.stringify(offer.rule) === wanted),
  );
  if (found) return found;
  const there = [...new Set(offers.map((offer) => offer.decision))].join(", ");
  throw new AppError(
    "bad_request",
    rule && offers.some((offer) => offer.decision === decision)
      ? `rule: ${ruleWords(rule)} is not what ${decision} offers here`
      : `decision: ${decision} is not offered for this call; there are ${there}`,
  );
}

/** The job that a run works for and that can be granted something: one of a file is changed there. */
function jobOf({ run }: Journal): string | undefined {
  const { via, id } = run.origin;
  return via === "cron" && id?.startsWith("job_") && !id.startsWith("job_file_") ? id : undefined;
}
