import { defined } from "../../base/defined.ts";
import type { Job } from "../../protocol/job.ts";
import { toForm } from "../../protocol/replyForm.ts";
import type { SendRequest } from "../../protocol/run.ts";
import { tokenOf } from "../permission/grantLists.ts";
import { heartbeatText } from "./heartbeat.ts";

const TIMEOUT_S = 3600;

/** The message that a job sends at each of its slots. `voided`: why its grants do not hold. */
export function toRequest(job: Job, voided: string | undefined): SendRequest {
  const { payload } = job;
  const isolated = job.sessionTarget === "isolated";
  return {
    text:
      payload.kind === "systemEvent"
        ? payload.text
        : payload.kind === "agentTurn"
          ? payload.message
          : heartbeatText(payload.instructions),
    asEvent: payload.kind === "systemEvent",
    origin: { via: "cron", id: job.id },
    ...(isolated ? { label: job.name, workspace: job.workspace } : { sessionKey: job.sessionTarget }),
    model: job.model,
    timeoutMs: (job.timeoutSeconds ?? TIMEOUT_S) * 1000,
    // A job spends for whoever made it.
    ...defined({ chargedTo: tokenOf(job.createdBy) }),
    budgetUsd: job.budgetUsd,
    budgetTokens: job.budgetTokens,
    ...defined({ form: toForm(job.outputSchema) }),
    ...(job.grants === undefined ? {} : { grants: voided === undefined ? job.grants : [], attended: false }),
  };
}
