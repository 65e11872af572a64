import { defined } from "../../../base/defined.ts";
import type { Job } from "../../../protocol/job.ts";
import { checkScope } from "../../calls/scope.ts";
import type { Routes } from "../../routes/routeTable.ts";
import { callRoute } from "../compatContext.ts";
import { requireText, toResult, type ToolResult, ToolFailure } from "./toolResult.ts";
import { nameOf, readJob, targetOf } from "./openclawJob.ts";
import type { ToolInvocation } from "./toolInvocation.ts";

/** Scheduled jobs, by action. Ours are told with OpenClaw's fields beside their own. */
export async function cron(invocation: ToolInvocation): Promise<ToolResult> {
  const { context, exchange, args, keep } = invocation;
  const call = async <Name extends keyof Routes>(
    name: Name,
    input: Record<string, unknown>,
    toDetails: (output: Routes[Name]["output"]) => object,
  ): Promise<ToolResult> => {
    const told = (output: Routes[Name]["output"]) => toResult(toDetails(output));
    return told(await callRoute(context, exchange, name, input, (output) => keep(told(output))));
  };
  const id = () => requireText({ ...args, id: args["jobId"] ?? args["id"] }, "id");

  switch (args["action"]) {
    case "status":
      return call("cron.list", {}, ({ jobs }) => {
        const next = jobs.flatMap(({ nextRunAt }) => (nextRunAt === null ? [] : [Date.parse(nextRunAt)]));
        return { enabled: true, jobs: jobs.length, nextWakeAtMs: next.length > 0 ? Math.min(...next) : null };
      });
    case "list":
      return call("cron.list", {}, ({ jobs }) => ({ jobs: jobs.map(shownJob) }));
    case "get":
      return call("cron.get", { id: id() }, ({ job }) => shownJob(job));
    case "add": {
      const { fields, dropped } = readJob(args["job"]);
      const job = {
        ...fields,
        name: fields["name"] ?? nameOf(fields),
        sessionTarget: fields["sessionTarget"] ?? targetOf(fields),
      };
      return call("cron.add", { job }, (added) => ({ ...shownJob(added.job), ...dropped }));
    }
    case "update": {
      const { fields, dropped } = readJob(args["patch"] ?? args["job"]);
      const input = { id: id(), patch: fields };
      return call("cron.update", input, ({ job }) => ({ ...shownJob(job), ...dropped }));
    }
    case "remove":
      return call("cron.remove", { id: id() }, () => ({ ok: true, removed: true }));
    case "run":
      if (args["runMode"] === "due") return runDue(invocation, id());
      return call("cron.run", { id: id() }, ({ runId }) => ({ ok: true, enqueued: true, runId }));
    case "runs": {
      const limit = typeof args["limit"] === "number" ? { limit: args["limit"] } : {};
      return call("cron.runs", { id: id(), ...limit }, (output) => output);
    }
    case "wake":
      return call("cron.wake", { text: requireText(args, "text") }, (woken) => ({ ok: true, ...woken }));
    default:
      throw new ToolFailure(
        400,
        "tool_error",
        "action required: status, list, get, add, update, remove, run, runs or wake",
      );
  }
}

/** The slot of a job that is due is its schedule's to fire, which does so now: by hand it would be fired twice. */
async function runDue({ context, exchange }: ToolInvocation, id: string): Promise<ToolResult> {
  checkScope(exchange.principal!.scope, { scope: "write" });
  const { job } = await callRoute(context, exchange, "cron.get", { id });
  const isDue = job.enabled && job.nextRunAt !== null && Date.parse(job.nextRunAt) <= context.core.clock.now();
  return toResult(isDue ? { ok: true, enqueued: true, runId: null } : { ok: true, ran: false, reason: "not-due" });
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
