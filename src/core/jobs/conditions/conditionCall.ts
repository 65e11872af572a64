import type { Job } from "../../../protocol/job.ts";
import type { ToolMessage } from "../../../protocol/message.ts";
import type { Sessions } from "../../services/sessionService.ts";
import { callAlone, type ToolRunnerParts } from "../../runs/calls/toolRunner.ts";
import { MAIN } from "../../state/sessionRepository.ts";

/** Runs a command as a run of the job would, with nobody to ask: in its folder, under its grants and in its sandbox. */
export type ConditionCall = (call: {
  job: Job;
  /** Its grants do not hold. */
  isVoid: boolean;
  folder: string;
  command: string;
  timeoutSeconds: number;
}) => Promise<Pick<ToolMessage, "text" | "isError" | "notRun" | "lacked">>;

// The tool keeps the time; this ends what it does not.
const SLACK_MS = 10_000;

/** Runs conditions by the tool that runs a run's commands, so that the same check decides about them. */
export function createConditionCall(parts: Omit<ToolRunnerParts, "tools"> & { sessions: Sessions }): ConditionCall {
  return async ({ job, isVoid, folder, command, timeoutSeconds }) => {
    const isOwn = job.sessionTarget !== "isolated";
    const session = await parts.sessions.get(isOwn ? job.sessionTarget : MAIN);
    return callAlone(parts, {
      session: { ...session, workspace: folder },
      name: "exec",
      input: { command, timeoutSeconds },
      origin: { via: "cron", id: job.id },
      grants: isVoid ? [] : (job.grants ?? []),
      attended: false,
      signal: AbortSignal.timeout(timeoutSeconds * 1000 + SLACK_MS),
    });
  };
}
