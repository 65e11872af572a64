import { defined } from "../../../base/defined.ts";
import type { Job } from "../../../protocol/job.ts";
import type { Routes } from "../../routes/routeTable.ts";
import { callRoute } from "../compatContext.ts";
import { requireText, toResult, type ToolResult, ToolFailure } from "./toolResult.ts";
import { nameOf, readJob, targetOf } from "./openclawJob.ts";
import type { ToolInvocation } from "./toolInvocation.ts";

/** Scheduled jobs, by action. Ours are told with OpenClaw's fields beside their own. */
export async function cron(invocation: ToolInvocation): Promise<ToolResult> {
  const { context, exchange, args } = invocation;
  const call = <Name extends keyof Routes>(name: Name, input: Record<string, unknown>) =>
    callRoute(context, exchange, name, input);
  const id = () => requireText({ ...args, id: args["jobId"] ?? args["id"] }, "id");

  switch (args["action"]) {
    case "status":
    case "list": {
      const { jobs } = await call("cron.list", {});
      if (args["action"] === "list") return toResult({ jobs: jobs.map(shownJob) });
      const next = jobs.flatMap(({ nextRunAt }) => (nextRunAt === null ? [] : [Date.parse(nextRunAt)]));
      return toResult({ enabled: true, jobs: jobs.length, nextWakeAtMs: next.length > 0 ? Math.min(...next) : null });
    }
    case "get":
      return toResult(shownJob((await call("cron.get", { id: id() })).job));
    case "add": {
      const { fields, dropped } = readJob(args["job"]);
      const job = {
        ...fields,
        name: fields["name"] ?? nameOf(fields),
        sessionTarget: fields["sessionTarget"] ?? targetOf(fields),
      };
      return toResult({ ...shownJob((await call("cron.add", { job })).job), ...dropped });
    }
    case "update": {
      const { fields, dropped } = readJob(args["patch"] ?? args["job"]);
      return toResult({ ...shownJob((await call("cron.update", { id: id(), patch: fields })).job), ...dropped });
    }
    case "remove":
      await call("cron.remove", { id: id() });
      return toResult({ ok: true, removed: true });
    case "run": {
      const run = await call("cron.run", { id: id() });
      return toResult({ ok: true, enqueued: true, runId: run.runId });
    }
    case "runs": {
      const limit = typeof args["limit"] === "number" ? { limit: args["limit"] } : {};
      return toResult(await call("cron.runs", { id: id(), ...limit }));
    }
    case "wake":
      return toResult({ ok: true, ...(await call("cron.wake", { text: requireText(args, "text") })) });
    default:
      throw new ToolFailure(
        400,
        "tool_error",
        "action required: status, list, get, add, update, remove, run, runs or wake",
      );
  }
}

function shownJob(job: Job): object {
  const ms = (time: string | null) => (time === null ? null : Date.parse(time));
  return {
    ...job,
    wakeMode: "now",
    createdAtMs: ms(job.createdAt),
    updatedAtMs: ms(job.updatedAt),
    nextRunAtMs: ms(job.nextRunAt),
    state: {
      ...job.state,
      nextRunAtMs: ms(job.nextRunAt),
      lastRunAtMs: ms(job.lastRunAt),
      ...defined({ lastStatus: job.lastStatus ?? undefined }),
    },
  };
}
