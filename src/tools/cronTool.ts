import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { toldJob } from "../rules/coverWords.ts";
import { visible, visibleLine } from "../base/text/visible.ts";
import type { Agent } from "../core/ports/agent.ts";
import { defineTool } from "../core/ports/tool.ts";

const input = z.object({
  action: z.enum(["list", "add", "update", "remove", "run"]),
  job: z.record(z.string(), z.unknown()).optional(),
  jobId: z.string().optional(),
  id: z.string().optional(),
  patch: z.record(z.string(), z.unknown()).optional(),
});

type Request = z.output<typeof input>;

export const cron = defineTool({
  name: "cron",
  description:
    'Scheduled jobs. job: {name, schedule: {kind:"cron",expr,tz?} | {kind:"every",everyMs} | {kind:"at",at} | {kind:"file",glob} | {kind:"exit",command} | {kind:"after",jobId,on:"ok"|"failed"}, payload: {kind:"agentTurn",message} | {kind:"systemEvent",text}, sessionTarget: "main"|"isolated"}. update, remove and run take jobId.',
  input,
  effect: "write",

  async approval(request, { agent }) {
    if (request.action === "list") return undefined;
    const { action, ...rest } = await deliveredHere(request, agent);
    return {
      summary: visibleLine(`cron ${action}: ${request.job?.name ?? JSON.stringify(rest)}`),
      subject: { type: "other", text: visible(`cron ${action}\n${JSON.stringify(rest, null, 2)}`) },
      reason: action === "run" ? "runs a job" : "changes what runs unattended",
      safe: false,
      protected: false,
    };
  },

  looks: ({ action }) => action === "list",

  touches: ({ action }) => (action === "list" ? [] : ["jobs"]),

  async run(request, { agent }) {
    return { text: JSON.stringify(await act(await deliveredHere(request, agent), agent.jobs)) };
  },
});

/** What somebody wants done later in a chat comes back there, where nothing else is said. */
async function deliveredHere(request: Request, agent: Agent): Promise<Request> {
  const { action, job } = request;
  if (action !== "add" || !job || job["delivery"] !== undefined) return request;
  const chat = await agent.chat();
  return chat ? { ...request, job: { ...job, delivery: { mode: "announce", ...chat } } } : request;
}

async function act(request: Request, jobs: Agent["jobs"]): Promise<unknown> {
  if (request.action === "list") return { jobs: (await jobs.list()).map(toldJob) };
  if (request.action === "add") return { job: toldJob(await jobs.add(needed(request.job, "job"))) };
  const id = needed(request.jobId ?? request.id, "jobId");
  if (request.action === "update")
    return { job: toldJob(await jobs.update(id, needed(request.patch ?? request.job, "patch"))) };
  await (request.action === "remove" ? jobs.remove(id) : jobs.run(id));
  return { ok: true, jobId: id };
}

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new AppError("bad_request", `cron needs ${name} for this action`);
  return value;
}
