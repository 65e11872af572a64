import { createHash } from "node:crypto";
import { AppError, toErrorBody } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import { defined } from "../../base/defined.ts";
import type { Log } from "../../base/log.ts";
import type { Approval, ApprovalDecision, Offer } from "../../protocol/approval.ts";
import type { Approvals } from "../services/approvalService.ts";
import type { Keep } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { ApprovalAsk } from "../ports/tool.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { Journal } from "../state/journal.ts";
import { type Rule, ruleShape } from "../../protocol/rule.ts";
import { type GivenRules, namesHost } from "../../rules/reach.ts";
import { ruleWords } from "../../rules/coverage.ts";
import type { RunRecord } from "../../protocol/run.ts";
import { type Allowances, createAllowances, isPerson } from "./allowances.ts";
import { decide } from "./decide.ts";
import { modeInForce } from "./sessionMode.ts";
import { grantLists } from "./grantLists.ts";
import {
  type ApprovalRequest,
  createOpenQuestions,
  type OpenQuestions,
  type Question,
  type Said,
  type Verdict,
  waitsNoMore,
} from "./openQuestions.ts";
import { offersFor } from "./offers.ts";
import { lackedWords, type Proposal, proposalFor } from "./proposals.ts";
import type { SettingsNow } from "../ports/settings.ts";

export interface ApprovalDesk extends Approvals {
  /** Resolves once the policy or a person has decided; rejects with `signal.reason` when the run ends first. */
  decide(request: ApprovalRequest): Promise<Verdict>;
  /** What the policy says without asking anybody; undefined when a person has to be asked. */
  unasked(question: Asked): Verdict | undefined;
  /** Whether a run may only look. */
  plans(run: Pick<Journal, "run" | "session">): boolean;
  /** The same, also where its session, or one that it works for, has come to plan meanwhile. */
  plansNow(run: Pick<Journal, "run" | "session">): Promise<boolean>;
  /** The rules that a run goes by, as they are now. */
  given(journal: Pick<Journal, "run" | "session" | "workspace" | "since">): GivenRules;
  /** Why the grants that allowed a call do not hold for it any more; undefined where they do. */
  lapsed(ask: ApprovalAsk, run: RunRecord, by: string): Promise<string | undefined>;
  /** A call is over: what it asked before its run was gone on with waits no more. */
  close(journal: Journal, callId: string): Promise<void>;
  /** See OpenQuestions. */
  dropLoose(): Promise<void>;
  questions: OpenQuestions;
  /** Forgets what was allowed for a session, as it is when one is deleted. */
  forget(sessionKey: string): void;
}

/** Rules for a job, and what the files that their commands may run were when somebody was shown them. */
export interface RehearsedGrants {
  rules: Rule[];
  files?: Record<string, string>;
}

type Asked = Pick<ApprovalRequest, "ask" | "call" | "cwd" | "journal">;

export interface ApprovalDeskOptions {
  store: Store;
  events: EventLog;
  clock: Clock;
  log: Log;
  settings: SettingsNow;
  /** Writes a rule into the user's configuration, which has it from then on; absent: nowhere. */
  keepRule?: (rule: Rule, mayWrite: () => Promise<void>) => Promise<void>;
  /** Takes a rule out of there; `conflict` where it is not. */
  dropRule?: (rule: Rule) => Promise<void>;
  /** Adds rules to the grants of the job that a run works for; `conflict` when it is not what that run does any more. */
  grantJob: (run: RunRecord, given: RehearsedGrants, mayWrite: () => Promise<void>) => Promise<void>;
  /** Digests of the files that the commands of these rules may run. */
  grantFiles: (rules: Rule[], folder: string) => Promise<Record<string, string>>;
  /** Why the grants of the job that a run works for do not hold any more: taken away, or of a command, with files that changed. */
  lapsed: (run: RunRecord, of: { isCommand: boolean }) => Promise<string | undefined>;
  /** The file that declares the job which is rehearsed by a run; undefined for one that is changed over the API. */
  declaredIn: (run: RunRecord) => Promise<string | undefined>;
}

/** Whether the session of a run plans, or one that it works for. */
async function isHeldBack(store: Store, { sessionKey, spawn }: RunRecord): Promise<boolean> {
  const seen = new Set<string>();
  let at: string | undefined = sessionKey;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const session: StoredSession | undefined = await store.getSession(at);
    if (session?.mode?.is === "plan") return true;
    // Whoever talks with a sub-agent themselves is not held back by what others plan.
    at = spawn && (at === sessionKey ? spawn.to : session?.parentKey);
  }
  return false;
}

function ownFile<T>(change: T | undefined): T {
  if (change === undefined) throw new AppError("unavailable", "This gateway has no configuration file of the user's");
  return change;
}

interface Parts extends ApprovalDeskOptions {
  questions: OpenQuestions;
  allowances: Allowances;
}

export function createApprovalDesk(options: ApprovalDeskOptions): ApprovalDesk {
  const allowances = createAllowances();
  const questions = createOpenQuestions({ ...options, onAnswer: (question, said) => follow(parts, question, said) });
  const parts: Parts = { ...options, questions, allowances };
  // In whichever process it was.
  options.events.on((event) => {
    if (event.type === "session.deleted") allowances.forget(event.sessionKey);
  });
  return {
    list: (sessionKey) => options.store.listApprovals(defined({ sessionKey })),
    answer: (id, decision, by, more) => answer(parts, id, { decision, by, ...more }),
    async decide(request) {
      request.signal.throwIfAborted();
      return unasked(parts, request) ?? (await ask(parts, request));
    },
    unasked: (question) => unasked(parts, question),
    plans: ({ run, session }) => modeInForce(options.settings(session?.workspace), session, run).plan,
    plansNow: async ({ run, session }) =>
      modeInForce(options.settings(session?.workspace), session, run).plan || (await isHeldBack(options.store, run)),
    given: (journal) => given(parts, journal),
    lapsed: async ({ effects = [] }, run, by) => {
      const isCommand = effects.some(({ kind }) => kind === "run");
      if (by.startsWith("grant ")) return options.lapsed(run, { isCommand });
      // What else lets it run, it may connect to what its grants name.
      return isCommand && grantLists(run, options.settings()).flat().some(namesHost)
        ? options.lapsed(run, { isCommand: false })
        : undefined;
    },
    close: (journal, callId) => questions.dropEarlier(journal, callId),
    dropLoose: () => questions.dropLoose(),
    questions,
    forget: (sessionKey) => allowances.forget(sessionKey),
    allowances: () => allowances.list(),
    async removeRule(rule, sessionKey) {
      if (sessionKey === undefined) return ownFile(options.dropRule)(rule);
      if (!allowances.remove(sessionKey, rule))
        throw new AppError("not_found", `The session ${quotedLine(sessionKey)} has no such allowance`);
    },
    addRule: (rule) => ownFile(options.keepRule)(rule, async () => {}),
  };
}

/** Whichever process asks: its question is a row, and so is the answer. */
async function answer(
  parts: Parts,
  id: string,
  { decision, by, rule, keep }: { decision: ApprovalDecision; by: string; rule?: Rule; keep?: Keep<Approval> },
): Promise<Approval> {
  const { store, clock, questions } = parts;
  const asked = await store.getApproval(id);
  const isOver = !asked || asked.answer !== undefined || Date.parse(asked.approval.expiresAt) <= clock.now();
  if (isOver) throw waitsNoMore(id);
  const { approval } = asked;
  const offer = chosen(approval, decision, rule);
  const given = { decision, by, ...defined({ rule: offer.rule }) };
  const answers = keep?.(approval) ?? [];
  await questions.answer(approval, { ...given, answers }, (take) => keepFor(parts, approval, offer, take));
  return approval;
}

/**
 * Takes the answer, and puts its rules down where it says that they hold for longer than the session. It is taken when all is
 * ready: before, it is no answer where they have no place; and they stay out where its time is over, or another was faster.
 */
async function keepFor(parts: Parts, approval: Approval, offer: Offer, take: () => Promise<void>): Promise<void> {
  const { decision, rule } = offer;
  let isTaken = false;
  const taking = async () => {
    await take();
    isTaken = true;
  };
  try {
    if (rule && decision === "allow_always") await parts.keepRule!(rule, taking);
    const run = decision === "allow_job" ? await parts.store.getRun(approval.runId) : undefined;
    // What a file declares is written there.
    if (run && (await parts.declaredIn(run)) === undefined)
      await parts.grantJob(
        run,
        { rules: ruleList(approval, decision, rule), ...defined({ files: approval.grantFiles }) },
        taking,
      );
    // There was nothing to put down.
    if (!isTaken) await taking();
  } catch (error) {
    if (!isTaken) throw error;
    const { code, message } = toErrorBody(error);
    throw new AppError(code, `The call was allowed, and only this once, for the rule could not be kept: ${message}`);
  }
}

/** What was allowed with an answer is allowed from now on, and what waits beside it and may be done now is covered by the same word. */
async function follow(parts: Parts, { approval, request }: Question, { answer, isFromHere }: Said): Promise<void> {
  const { rule, decision, by } = answer;
  const rules = ruleList(approval, decision, rule);
  if (rules.length === 0) return;
  // A rule that was written down by another process is not read here yet.
  if (decision !== "allow_always" || !isFromHere)
    for (const given of rules) parts.allowances.add(request.journal, given);
  for (const question of parts.questions.list()) {
    // No rule is about money.
    if (question.approval.raises) continue;
    const verdict = unasked(parts, question.request);
    if (verdict?.allowed && (verdict.consent === "rule" || verdict.consent === "allowance"))
      await parts.questions.cover(question, { decision, by }, verdict);
  }
}

function given(
  { settings, allowances }: Parts,
  journal: Pick<Journal, "run" | "session" | "workspace" | "since">,
): GivenRules {
  const { run, session, workspace = session?.workspace } = journal;
  const { rules = [], ...now } = settings(workspace);
  return { rules, grants: grantLists(run, now), allowances: allowances.of(journal) };
}

/** By the rules that the run has, and some more that it may be given. */
function decisionOn(parts: Parts, { ask: asked, call, cwd, journal }: Asked, more: Rule[] = []) {
  const { run, session, workspace = session?.workspace } = journal;
  const { rules, grants, allowances } = given(parts, journal);
  const { approvals } = modeInForce(parts.settings(workspace), session, run);
  return decide(asked, {
    tool: call.name,
    workspace: cwd,
    settings: { approvals, rules },
    grants,
    allowances: [...allowances, ...more],
    attended: run.attended ?? true,
  });
}

function unasked(parts: Parts, question: Asked): Verdict | undefined {
  const decision = decisionOn(parts, question);
  if (decision.verdict === "allowed") return { allowed: true, consent: decision.consent, by: decision.by };
  if (decision.verdict === "asked") return undefined;
  const lacked = decision.lacked === undefined ? undefined : lackedWords(question.ask, proposed(parts, question));
  return { allowed: false, reason: decision.reason, ...defined({ lacked }) };
}

/** The narrowest rules that would let a call run unasked. */
function proposed(parts: Parts, question: Asked): Proposal {
  const covers = (rules: Rule[]) => decisionOn(parts, question, rules).verdict === "allowed";
  return proposalFor(question.ask, { tool: question.call.name, workspace: question.cwd, covers });
}

/** Puts the question to whoever watches, and waits for a word, its time-out or the run's end. */
async function ask(parts: Parts, request: ApprovalRequest): Promise<Verdict> {
  const { answer, verdict } = await parts.questions.ask(await toApproval(parts, request), request);
  if (verdict) return verdict;
  if (answer.decision !== "deny") return { allowed: true, consent: "person", by: answer.by };
  return {
    allowed: false,
    reason:
      answer.by === "time-out"
        ? "Nobody answered the request for approval in time, so it counts as denied."
        : "The user denied this call.",
  };
}

async function toApproval(parts: Parts, request: ApprovalRequest): Promise<Approval> {
  const { clock, settings, keepRule } = parts;
  const { ask: asked, call, cwd, journal } = request;
  const now = clock.now();
  const decision = decisionOn(parts, request);
  const why = decision.verdict === "asked" ? decision.why : undefined;
  const covers = (rules: Rule[]) => decisionOn(parts, request, rules).verdict === "allowed";
  const proposal = journal.run.job?.rehearsal && proposed(parts, request);
  const file = proposal && (await parts.declaredIn(journal.run));
  const isOfCommands = proposal && "grants" in proposal && proposal.grants.some(({ allow }) => allow === "exec");
  const grantFiles = isOfCommands ? await parts.grantFiles(proposal.grants, cwd) : undefined;
  return {
    id: newId("ap"),
    sessionKey: journal.run.sessionKey,
    runId: journal.run.id,
    callId: call.id,
    tool: call.name,
    summary: visibleLine(asked.summary, 500),
    subject: asked.subject,
    // It may name words of the call, as the summary does.
    reason: visibleLine([asked.reason, why].filter(Boolean).join("; "), 500),
    hash: createHash("sha256")
      .update(JSON.stringify([call.name, call.input, cwd, asked.effects ?? []]))
      .digest("hex"),
    offers: offersFor(asked, {
      tool: call.name,
      workspace: cwd,
      isOneRun: !isPerson(journal.run.origin),
      isJob: jobOf(journal) !== undefined,
      canKeep: keepRule !== undefined,
      covers: (rule) => covers([rule]),
      rehearsed: proposal && { grants: "grants" in proposal ? proposal.grants : [], ...defined({ file }) },
    }),
    ...proposal,
    ...defined({ grantFiles }),
    createdAt: isoTime(now),
    expiresAt: isoTime(now + settings(journal.session?.workspace).approvalTimeoutMs),
  };
}

/** All that an answer adds: in a rehearsal "always for this job" is everything that the call needs. */
function ruleList({ grants }: Approval, decision: ApprovalDecision, rule: Rule | undefined): Rule[] {
  if (decision === "allow_job" && grants) return grants;
  return rule ? [rule] : [];
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
