import { visibleLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import type { StateFact } from "../../../protocol/event.ts";
import { worksFor } from "../../../protocol/run.ts";
import type { Happening } from "../fire.ts";
import type { JobParts } from "../jobParts.ts";

export type EndedCommand = Extract<StateFact, { type: "command.ended" }>;

/** Whether a command is the one that a job waits for: word for word, or what stands before a * at its end. */
export function fitsCommand(wanted: string, command: string): boolean {
  const [pattern, line] = [wanted, command].map((text) => text.trim().replaceAll(/\s+/g, " "));
  return pattern!.endsWith("*") ? line!.startsWith(pattern!.slice(0, -1)) : line === pattern;
}

export function commandHappening({ command, exitCode }: EndedCommand, now: number): Happening {
  const how = exitCode === null ? "was stopped" : `ended with ${exitCode}`;
  return { slot: now, cause: "exit", started: `${visibleLine(command, 200)} ${how}`, isLate: false };
}

// However deep sub-agents are nested.
const DEEPEST = 30;

/** Whether a job's own run started the command, or a sub-agent of it: it would fire itself for ever. */
export async function isOwnCommand(job: Job, runId: string, { store }: JobParts): Promise<boolean> {
  let at: string | undefined = runId;
  for (let depth = 0; at !== undefined && depth < DEEPEST; depth += 1) {
    const run = await store.getRun(at);
    if (run?.origin.via === "cron" && run.origin.id === job.id) return true;
    at = run && worksFor(run);
  }
  return false;
}
