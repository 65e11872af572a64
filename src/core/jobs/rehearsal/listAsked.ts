import type { Approval } from "../../../protocol/approval.ts";
import type { RunEvent } from "../../../protocol/event.ts";
import type { RehearsalAsked } from "../../../protocol/written/rehearsal.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { coverWords } from "../../../rules/coverWords.ts";
import { visible } from "../../../base/text/visible.ts";
import type { JobParts } from "../jobParts.ts";

/** `files`: digests of what its commands may run, as they were when it was asked. */
export interface ListedAsk extends Omit<RehearsalAsked, "granted"> {
  files?: Record<string, string> | undefined;
}

const MOST_EVENTS = 100_000;

/** What a rehearsal asked, its sub-agents included, in its order and each once: read from its events, which outlive every process. */
export async function listAsked({ store }: Pick<JobParts, "store">, run: RunRecord): Promise<ListedAsk[]> {
  const spent = await store.listSpent(run.id);
  const ids = new Set([run.id, ...spent.map(({ id }) => id)]);
  const events: RunEvent[] = [];
  for (const id of ids) events.push(...(await store.listEvents({ runId: id, afterId: 0, limit: MOST_EVENTS })));
  const found = new Map<string, ListedAsk>();
  const byId = new Map<string, ListedAsk>();
  const put = (key: string, one: Omit<ListedAsk, "number" | "times" | "decision" | "by">): ListedAsk => {
    const asked = found.get(key) ?? { number: found.size + 1, times: 0, decision: null, by: null, ...one };
    found.set(key, asked);
    return asked;
  };
  const condition = run.job?.rehearsal?.condition;
  if (condition?.grants) put("condition", conditionAsked(condition.command, condition.grants));
  for (const event of events.toSorted((a, b) => a.id - b.id)) {
    if (event.type === "approval.asked" && isProposed(event.approval)) {
      const { approval } = event;
      const shown = toAsked(approval);
      const asked = put(JSON.stringify([shown.tool, shown.exact, shown.cwd, shown.grants]), shown);
      asked.times += 1;
      asked.files = shown.files;
      byId.set(approval.id, asked);
    } else if (event.type === "approval.answered") {
      const asked = byId.get(event.approvalId);
      if (asked) Object.assign(asked, { decision: event.decision, by: event.by });
    }
  }
  return [...found.values()];
}

function isProposed({ grants, ungranted }: Approval): boolean {
  return grants !== undefined || ungranted !== undefined;
}

function toAsked({ tool, subject, reason, grants = [], ungranted = "", grantFiles: files }: Approval) {
  const exact = subject.type === "command" ? subject.command : subject.type === "edit" ? subject.path : subject.text;
  const words = grants.length > 0 ? grants.map(coverWords).join("; ") : ungranted;
  const where = subject.type === "command" ? { cwd: subject.cwd } : {};
  return { tool, exact: visible(exact), ...where, reason, grants, words, files };
}

function conditionAsked(command: string, grants: ListedAsk["grants"]) {
  const words =
    grants.length > 0
      ? grants.map(coverWords).join("; ")
      : "No rule says exactly this line: a condition of one command with plain words can be granted.";
  return {
    tool: "exec",
    exact: visible(command),
    reason: "is its condition, about which nobody is asked",
    grants,
    words,
  };
}
