import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import { jobFaults, newJobSchema } from "../../schedule/jobSchema.ts";
import { isoTime } from "../../base/clock.ts";
import type { Job, NewJob, Schedule } from "../../protocol/job.ts";
import type { Origin } from "../../protocol/message.ts";
import { forbidsAddress } from "../../rules/farAddress.ts";
import type { Sessions } from "../services/sessionService.ts";
import type { Workspaces } from "../services/workspaceService.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import { strangeFolder } from "../sessions/workspaces.ts";
import type { ChannelDesk } from "../ports/outside/channelDesk.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Webhooks } from "../ports/outside/webhooks.ts";
import { keysAbove } from "../state/keysAbove.ts";
import { MAIN } from "../state/sessionRepository.ts";
import { afterLoop, followed } from "./triggers/afterLoops.ts";

interface DeliveryRulesOptions {
  settings: () => Pick<AgentSettings, "rules">;
  webhooks?: Webhooks;
  channels?: ChannelDesk;
}

export interface JobRulesOptions extends DeliveryRulesOptions {
  sessions: Sessions;
  models: ModelCatalog;
  workspaces: Workspaces;
}

/** `delivery.url: ` and why, for an address that nothing can be posted to by whoever wants it there. */
async function checkWebhook({ delivery }: NewJob, by: Origin, options: DeliveryRulesOptions): Promise<void> {
  if (delivery?.mode !== "webhook" || delivery.url === undefined) return;
  const why = forbidsWebhook(delivery.url, by, options);
  if (why !== undefined) throw refusal("delivery.url", why);
  try {
    await options.webhooks?.check({ url: delivery.url, allowLoopback: !isByAgent(by) });
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw refusal("delivery.url", error.message);
  }
}

/** `delivery.channel: ` or `delivery.to: ` and why, for a chat that nothing may be sent to by whoever wants it there. */
async function checkChannel({ delivery }: NewJob, by: Origin, channels: ChannelDesk | undefined): Promise<void> {
  const { mode, channel, to } = delivery ?? {};
  if (mode !== "announce" || channel === undefined || channel === "editor") return;
  if (!channels?.settings(channel))
    throw refusal("delivery.channel", `${quotedLine(channel)} is not set up; without it, results go to the editor`);
  try {
    await channels.toSend({ key: "", channel, text: "", ...defined({ to, byAgent: isByAgent(by) }) });
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw refusal("delivery.to", error.message);
  }
}

/** Why nothing is posted to an address for who wants it there: what rules deny the agent. */
export function forbidsWebhook(
  url: string,
  by: Origin,
  { settings }: Pick<DeliveryRulesOptions, "settings">,
): string | undefined {
  if (!isByAgent(by)) return undefined;
  return forbidsAddress(settings().rules ?? [], url, { deeds: ["network", "web_fetch"], isLater: true });
}

/** Who said where a job's result goes. */
export function delivererOf({ deliveryBy, createdBy }: Pick<Job, "deliveryBy" | "createdBy">): Origin {
  return deliveryBy ?? createdBy;
}

/** Whether what the agent may not reach holds for what somebody has said. */
export function isByAgent({ via }: Origin): true | undefined {
  return via === "subagent" || undefined;
}

/**
 * Throws a bad_request with the sentence that says why a job, each of whose fields is in order, cannot work: also where `by` may have
 * no result sent to where it goes.
 */
export async function checkJob(job: NewJob, by: Origin, options: JobRulesOptions): Promise<void> {
  const [fault] = jobFaults(job);
  if (fault) throw refusal(fault.path.join("."), fault.message);
  checkFolder(job.workspace, options.workspaces);
  await checkTarget(job.sessionTarget, options.sessions);
  if (job.model !== undefined) await options.models.resolve(job.model);
  await checkWebhook(job, by, options);
  await checkChannel(job, by, options.channels);
}

/** Throws a bad_request for a job of a file that cannot work, as far as nobody needs to be asked. */
export function checkDeclared(job: NewJob, workspaces: Workspaces): void {
  parseInput(newJobSchema, job);
  checkFolder(job.workspace, workspaces);
}

export function loopFault(ring: string[]): string {
  return `This job would follow itself: ${ring.map((name) => visibleLine(name, 80)).join(" follows ")}`;
}

export function unknownFault(ref: string): string {
  return `No job has the id or the name ${JSON.stringify(visibleLine(ref, 80))}`;
}

/** The job with the id of what it follows. `schedule.jobId: ` and why, where there is no such job, or it would follow itself. */
export function followingById(job: Job, all: Job[]): Job {
  if (job.schedule.kind !== "after") return job;
  const before = followed(job, all);
  if (!before) throw refusal("schedule.jobId", unknownFault(job.schedule.jobId));
  const next: Job = { ...job, schedule: { ...job.schedule, jobId: before.id } };
  const ring = before.id === job.id ? [job.name, job.name] : afterLoop(next, all);
  if (ring) throw refusal("schedule.jobId", loopFault(ring));
  return next;
}

/** `schedule.glob: ` and why, for a job that watches files and has no folder. */
export function checkWatched({ schedule }: NewJob, folder: string): void {
  if (schedule.kind === "file" && folder === "")
    throw refusal("schedule.glob", "This job works in no folder, so there are no files to watch");
}

function checkFolder(workspace: string | undefined, workspaces: Workspaces): void {
  if (workspace === undefined || workspaces.find(workspace) !== undefined) return;
  throw refusal("workspace", strangeFolder(workspace, workspaces));
}

function refusal(path: string, message: string): AppError {
  return new AppError("bad_request", `${path}: ${message}`, { details: [{ path, message }] });
}

/** The job with its folder as the list of folders spells it. */
export function asListed<T extends Pick<NewJob, "workspace">>(job: T, workspaces: Workspaces): T {
  const listed = job.workspace === undefined ? undefined : workspaces.find(job.workspace);
  return listed === undefined ? job : { ...job, workspace: listed };
}

async function checkTarget(target: string, sessions: Sessions): Promise<void> {
  if (target === MAIN || target === "isolated") return;
  try {
    await sessions.get(target);
  } catch (error) {
    if (!isAppError(error) || error.code !== "not_found") throw error;
    const shown = quotedLine(target);
    throw refusal("sessionTarget", `${shown} is neither "main", "isolated" nor an existing session`);
  }
}

/**
 * The job as its creator may have it. One that a session makes works in that session's folder, and fires into a new
 * session, that session or one below it; anything else is `forbidden`.
 */
export async function withinRights<T extends NewJob>(job: T, origin: Origin, sessions: Sessions): Promise<T> {
  if (origin.via !== "subagent" || origin.id === undefined) return job;
  const { key, workspace } = await sessions.get(origin.id);
  if (job.grants !== undefined)
    throw new AppError(
      "forbidden",
      "What a job may do unasked is given by a person: grants are not for a session to set",
    );
  if (job.sessionTarget !== "isolated" && !(await isBelow(job.sessionTarget, key, sessions))) {
    throw new AppError(
      "forbidden",
      `A job made by session ${key} may fire into "isolated", ${key} or a session below it, not into ${visibleLine(job.sessionTarget, 80)}`,
    );
  }
  if (job.workspace !== undefined && job.workspace !== workspace) {
    throw new AppError("forbidden", `A job made by session ${key} works in that session's folder`);
  }
  return workspace === undefined || job.sessionTarget !== "isolated" ? job : { ...job, workspace };
}

async function isBelow(target: string, key: string, sessions: Sessions): Promise<boolean> {
  return target === key || (await keysAbove(target, sessions)).includes(key);
}

/** The schedule with what an interval counts from: what it did before when it is the same, else now. */
export function anchored(schedule: Schedule, before: Schedule | undefined, now: number): Schedule {
  if (schedule.kind !== "every" || schedule.anchorMs !== undefined) return schedule;
  const isSame = before?.kind === "every" && before.everyMs === schedule.everyMs;
  return { ...schedule, anchorMs: (isSame ? before.anchorMs : undefined) ?? now };
}

/** A job that has not fired yet and is not scheduled. `made` says who made it, and what only its maker knows. */
export function newJob(given: NewJob, made: Pick<Job, "id" | "createdBy"> & Partial<Job>, now: number): Job {
  const at = isoTime(now);
  return {
    ...given,
    schedule: anchored(given.schedule, undefined, now),
    enabled: given.enabled ?? true,
    ...made,
    createdAt: at,
    updatedAt: at,
    nextRunAt: null,
    lastRunAt: null,
    lastStatus: null,
    state: { consecutiveErrors: 0 },
  };
}
