import { visibleLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import { worksFor } from "../../../protocol/run.ts";
import type { CommandEnd } from "../../ports/commandRows.ts";
import type { Happening } from "../fire.ts";
import { folderOf } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";

// One that ended longer ago was missed: nothing ran.
const LATE_MS = 60_000;
// As many ends as are looked at at once.
const LOOKED_AT = 1000;

/** What a job that waits for a command to end has not fired for yet: the newest end, and how many came before it. */
export async function unfired(job: Job, parts: JobParts): Promise<Happening | undefined> {
  const { schedule } = job;
  if (schedule.kind !== "exit") return undefined;
  const { store, workspaces, clock } = parts;
  const { ends, newest } = await store.listCommandEnds({ above: seenOf(job), limit: LOOKED_AT });
  // A store that was made anew from what could be read of it may count from a smaller number.
  if (seenOf(job) > newest) return only(newest);
  const fitting = ends.filter(({ command }) => fitsCommand(schedule.command, command));
  const folder = fitting.length > 0 ? workspaces.real(await folderOf(job, parts)) : "";
  const found: CommandEnd[] = [];
  for (const end of fitting) if (end.workspace === folder && !(await isOwnCommand(job, end.by, parts))) found.push(end);
  const last = found.at(-1);
  if (!last) return ends.length === LOOKED_AT ? only(ends.at(-1)!.number) : undefined;
  const { inDoubt } = last;
  return {
    slot: last.at,
    cause: "exit",
    started: endWords(last),
    missed: found.length - 1,
    seen: String(last.number),
    isLate: inDoubt === true || clock.now() - last.at > LATE_MS,
    ...(inDoubt ? { inDoubt } : {}),
  };
}

function only(seen: number): Happening {
  return { slot: 0, cause: "exit", started: "", seen: String(seen), isLate: false, only: "seen" };
}

/** Up to which end a job has seen what ended; one that an earlier version made has seen none. */
function seenOf({ seen }: Job): number {
  return Number(seen ?? 0);
}

/** Whether a command is the one that a job waits for: word for word, or what stands before a * at its end. */
export function fitsCommand(wanted: string, command: string): boolean {
  const [pattern, line] = [wanted, command].map((text) => text.trim().replaceAll(/\s+/g, " "));
  return pattern!.endsWith("*") ? line!.startsWith(pattern!.slice(0, -1)) : line === pattern;
}

function endWords({ command, exitCode, inDoubt }: CommandEnd): string {
  const shown = visibleLine(command, 200);
  if (inDoubt) return `${shown}: in doubt whether it ended by itself, or with the process that ran it`;
  return `${shown} ${exitCode === null ? "was stopped" : `ended with ${exitCode}`}`;
}

// However deep sub-agents are nested.
const DEEPEST = 30;

/** Whether a job's own run started the command, or a sub-agent of it: it would fire itself for ever. */
async function isOwnCommand(job: Job, runId: string, { store }: JobParts): Promise<boolean> {
  let at: string | undefined = runId;
  for (let depth = 0; at !== undefined && depth < DEEPEST; depth += 1) {
    const run = await store.getRun(at);
    if (run?.origin.via === "cron" && run.origin.id === job.id) return true;
    at = run && worksFor(run);
  }
  return false;
}
