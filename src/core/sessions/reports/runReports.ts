import { cutMiddle, cutText } from "../../../base/cutText.ts";
import { defined } from "../../../base/defined.ts";
import { visible } from "../../../base/text/visible.ts";
import type { RunOutcome, RunRecord } from "../../../protocol/run.ts";
import { addUsage, toUsage } from "../../../protocol/usage.ts";
import type { RunReport } from "../../../protocol/written/runReport.ts";
import { NO_USAGE } from "../../models/usageSum.ts";
import type { Reports } from "../../services/pastWork.ts";
import { changesWithin, type CheckpointingParts, workOf } from "../checkpointing.ts";
import { readWork } from "./runWork.ts";
import { reportText } from "./reportText.ts";

type ReportParts = CheckpointingParts & {
  /** Takes secrets out of a text. */
  redact: (text: string) => string;
};

const MOST = { commands: 100, files: 200, refused: 50, notices: 50, subagents: 50 } as const;
const MOST_CHARS = 64_000;
const ASKED_CHARS = 2000;
const ANSWER_CHARS = 16_000;
const LINE_CHARS = 500;

/** Says what runs did, from what is stored of them: so of old ones too, and after a restart. */
export function createReports(parts: ReportParts): Reports {
  return {
    async of(runId, { maxChars = MOST_CHARS } = {}) {
      const report = await readReport(parts, runId);
      return { report, markdown: reportText(report, maxChars) };
    },
  };
}

async function readReport(parts: ReportParts, runId: string): Promise<RunReport> {
  const run = await parts.runs.get(runId);
  const { session, runs } = await workOf(parts, runId);
  const work = await readWork(parts.store, run);
  const files = (await changesWithin(parts, session, runs)).map(({ real: _real, ...change }) => change);
  const below = await Promise.all(
    runs.filter((other) => other.runId !== runId).map((other) => parts.store.getRun(other.runId)),
  );
  const others = below.flatMap((other) =>
    other ? [{ runId: other.id, sessionKey: other.sessionKey, state: other.state, usage: toUsage(other.usage) }] : [],
  );
  // What goes on for it in its own session is no sub-agent, and has a report of its own.
  const subagents = others.filter(({ sessionKey }) => sessionKey !== run.sessionKey);
  const clean = (text: string, max = LINE_CHARS) => cutText(visible(parts.redact(text)), max);
  const { outcome } = run;
  const lists = {
    commands: work.commands.map((one) => ({ ...one, command: clean(one.command) })),
    files,
    refused: work.refused.map(({ tool, what, why }) => ({ tool, what: clean(what), why: clean(why) })),
    notices: [...resumed(run), ...work.notices].map((text) => clean(text)),
    subagents,
  };
  return {
    runId,
    sessionKey: run.sessionKey,
    title: session.title === undefined ? null : clean(session.title),
    state: run.state,
    ended: outcome?.type ?? null,
    ...defined({ error: toError(outcome, clean) }),
    origin: run.origin,
    model: run.answeredBy ?? run.model,
    asked: clean(run.input.text, ASKED_CHARS),
    createdAt: run.createdAt,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
    durationMs: durationOf(run),
    steps: work.steps,
    usage: others.reduce((sum, other) => addUsage(sum, other.usage), addUsage(NO_USAGE, toUsage(run.usage))),
    tools: work.tools,
    lacked: (run.lacked ?? work.lacked).map((text) => clean(text)),
    answer: cutMiddle(visible(parts.redact(answerOf(outcome))), ANSWER_CHARS),
    ...firstOf(lists),
  };
}

/** Each list as long as it may be, and how much that leaves out. */
function firstOf<T extends { [K in keyof typeof MOST]: unknown[] }>(lists: T): T & { leftOut: number } {
  let leftOut = 0;
  const cut = Object.entries(lists).map(([name, list]) => {
    const most = MOST[name as keyof typeof MOST];
    leftOut += Math.max(0, list.length - most);
    return [name, list.slice(0, most)];
  });
  return { ...(Object.fromEntries(cut) as T), leftOut };
}

function toError(outcome: RunOutcome | undefined, clean: (text: string) => string): RunReport["error"] {
  return outcome?.type === "failed" ? { code: outcome.error.code, message: clean(outcome.error.message) } : undefined;
}

function answerOf(outcome: RunOutcome | undefined): string {
  return outcome && "reply" in outcome ? outcome.reply : "";
}

function resumed({ resumes = 0 }: RunRecord): string[] {
  if (resumes === 0) return [];
  return [`It went on ${resumes === 1 ? "once" : `${resumes} times`} after its gateway had gone away.`];
}

function durationOf({ startedAt, finishedAt }: Pick<RunRecord, "startedAt" | "finishedAt">): number | null {
  if (startedAt === undefined || finishedAt === undefined) return null;
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}
