import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Run, StoredWith } from "../services/submittedRun.ts";
import type { Acceptance, Plan, Plans } from "../services/plans.ts";
import { endPlan } from "./endPlan.ts";
import { sendMessage } from "./sendMessage.ts";
import type { SessionParts } from "./sessionParts.ts";

export function createPlans(parts: SessionParts): Plans {
  // Two who accept the same plan do not have it done twice.
  const lanes = new Lanes();
  return {
    get: async (sessionKey) => toPlan(await waitingPlan(parts, sessionKey)),
    async find(sessionKey) {
      try {
        return toPlan(await waitingPlan(parts, sessionKey));
      } catch (error) {
        if (isAppError(error) && error.code === "not_found") return undefined;
        throw error;
      }
    },
    accept: (acceptance, kept) => lanes.run(acceptance.sessionKey, () => accept(parts, acceptance, kept)),
    end: (ending) => lanes.run(ending.sessionKey, () => endPlan(parts, ending)),
  };
}

function toPlan({ runId, sessionKey, text, holds }: WaitingPlan): Plan {
  return { runId, sessionKey, text, holds };
}

/** `isLast`: nothing was said in the session since. */
type WaitingPlan = Plan & { isLast: boolean };

// Jobs may have reported often before somebody has read the plan.
const MOST_JOBS = 100;

/** What a job says in the session meanwhile is no plan, and takes the place of none; nor does what the run that planned took in. */
async function waitingPlan(parts: SessionParts, sessionKey: string): Promise<WaitingPlan> {
  const { sessionRepository, runs } = parts;
  const session = await sessionRepository.get(sessionKey);
  const all = await runs.list({ sessionKey, limit: MOST_JOBS });
  const newest = all.filter(({ outcome }) => outcome?.type !== "done" || outcome.joined === undefined);
  const run = newest.find(({ job }) => job === undefined);
  const { id, plan, outcome } = run ?? {};
  if (!plan) throw new AppError("not_found", `No plan waits in session ${sessionKey}`);
  if (!outcome) throw new AppError("not_found", `Session ${sessionKey} is still at its plan`);
  if (outcome.type !== "done" || outcome.reply.trim() === "")
    throw new AppError("not_found", `The run that was to plan in session ${sessionKey} has left no plan`);
  const holds = session.mode?.is === "plan";
  return { runId: id!, sessionKey, text: outcome.reply, holds, isLast: run === newest[0] };
}

async function accept(
  parts: SessionParts,
  { sessionKey, origin, runId, text, model, endsMode }: Acceptance,
  kept?: StoredWith,
): Promise<Run> {
  const plan = await waitingPlan(parts, sessionKey);
  if (runId !== undefined && runId !== plan.runId)
    throw new AppError("conflict", `Session ${sessionKey} waits with another plan by now, that of run ${plan.runId}`);
  const isEdited = text !== undefined && text.trim() !== plan.text.trim();
  const said = isEdited
    ? `I accept the plan as I have edited it. Carry out this one, and nothing of the other:\n\n${text.trim()}`
    : // Where something was said since, "the plan" would not be plain.
      plan.isLast
      ? "I accept the plan. Carry it out."
      : `I accept this plan. Carry it out:\n\n${plan.text}`;
  const accepts = { plan: isEdited ? text.trim() : plan.text, endsMode };
  return await sendMessage(parts, { sessionKey, origin, text: said, accepts, ...defined({ model }) }, kept);
}
