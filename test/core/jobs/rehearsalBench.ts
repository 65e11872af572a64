import type { ApprovalDecision } from "../../../src/protocol/approval.ts";
import type { Job, NewJob } from "../../../src/protocol/job.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";
import { shell } from "../permission/shellTool.ts";
import { jobByHand, user } from "./jobsBench.ts";

export const line = (text: string, id: string) => call("shell", { line: text }, id);

/** Answers what is asked, by what it says it would do. */
export function answering({ core }: Bench, answers: Record<string, ApprovalDecision>): void {
  core.events.on((event) => {
    if (event.type !== "approval.asked") return;
    const { id, summary } = event.approval;
    const decision = answers[summary.replace(/^run /, "")];
    if (decision) void core.approvals.answer(id, decision, "panel");
  });
}

export async function rehearsed(bench: Bench, job: Job, answers: Record<string, ApprovalDecision> = {}) {
  answering(bench, answers);
  const done = nextRehearsalEnd(bench, job.id);
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  await done;
  return bench.core.jobs.rehearsal({ runId });
}

/** The job says that its rehearsal has ended. */
export function nextRehearsalEnd({ core }: Bench, id: string): Promise<Job> {
  return new Promise((resolve) => {
    const listening = core.events.on((event) => {
      if (event.type !== "job.changed" || event.job.id !== id || !event.job.rehearsal?.finishedAt) return;
      listening.dispose();
      resolve(event.job);
    });
  });
}

export async function open(lines: string[], job: Partial<NewJob> = {}, more: Parameters<typeof openBench>[0] = {}) {
  const bench = await openBench({
    tools: [shell],
    turns: [...lines.map((text, at) => [line(text, String(at))]), ["all done"]],
    ...more,
  });
  return { bench, job: await bench.core.jobs.add(jobByHand(job), user) };
}
