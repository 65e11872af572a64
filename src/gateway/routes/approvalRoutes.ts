import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { answered } from "../calls/answered.ts";
import { originName } from "../calls/originName.ts";
import { defineRoute } from "../calls/route.ts";
import { isPhone } from "../calls/scope.ts";
import { type Approval, approvalShape, decisionShape } from "../../protocol/approval.ts";
import { ruleShape } from "../../protocol/rule.ts";
import { sessionKey, sessionModeShape } from "../../protocol/session.ts";

export const approvalsList = defineRoute({
  name: "approvals.list",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "Tool calls that wait for the user's word.",
  input: z.strictObject({ sessionKey: sessionKey.optional() }),
  output: z.strictObject({ count: z.int(), approvals: z.array(approvalShape) }),
  async handle(core, { sessionKey }) {
    const approvals = await core.approvals.list(sessionKey);
    return { count: approvals.length, approvals };
  },
});

export const approvalsAnswer = defineRoute({
  name: "approvals.answer",
  verb: "POST",
  // Lets commands run, so it takes more than sending messages does.
  scope: "admin",
  phone: "approvals",
  summary:
    "Lets a waiting tool call run, or not. The answer is one of the approval's offers; `rule` picks between several of a decision.",
  input: z.strictObject({ id: z.string().min(1).max(200), decision: decisionShape, rule: ruleShape.optional() }),
  output: z.strictObject({ id: z.string(), decision: decisionShape, approval: approvalShape }),
  async handle(core, { id, decision, rule }, { origin, scope, keep }) {
    // What holds for longer is decided where the rules can be seen.
    if (isPhone(scope) && (rule !== undefined || (decision !== "allow" && decision !== "deny")))
      throw new AppError("forbidden", "A phone allows a call once, or denies it");
    const toAnswered = (approval: Approval) => ({ id, decision, approval });
    return answered(keep, toAnswered, (kept) =>
      core.approvals.answer(id, decision, originName(origin), { ...defined({ rule }), keep: kept }),
    );
  },
});

export const approvalsMode = defineRoute({
  name: "approvals.mode",
  verb: "POST",
  // Lets things be done unasked, so it takes as much as answering does.
  scope: "admin",
  summary:
    "Sets how calls are decided in the runs that the caller starts in a session; null: as configured. `auto` needs a sandbox for commands. What is protected asks in every mode; what others start there goes by the configuration.",
  input: z.strictObject({ sessionKey, mode: sessionModeShape.nullable() }),
  output: z.strictObject({ sessionKey: z.string(), mode: sessionModeShape.nullable() }),
  async handle(core, { sessionKey, mode }, { origin, keep }) {
    const sandbox = mode === "auto" ? await core.sandbox() : { holds: true as const };
    if (!sandbox.holds)
      throw new AppError("unavailable", `Commands cannot be kept in a sandbox here: ${sandbox.reason}`);
    const set = { sessionKey, mode };
    await core.sessions.setMode(sessionKey, mode, origin, () => keep(set));
    return set;
  },
});
