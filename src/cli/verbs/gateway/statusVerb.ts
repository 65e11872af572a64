import { budgetWords } from "../../terminal/budgetWords.ts";
import { Command } from "commander";
import { sizeWords } from "../../../base/text/sizeWords.ts";
import type { StoreCondition } from "../../../core/ports/store.ts";
import { asClient, type ClientCall, type Verb } from "../../terminal/clientVerb.ts";
import { relativeTime } from "../../terminal/timeWords.ts";
import { toCost, toTokens } from "../../terminal/figures.ts";

export const status: Verb = (io) => {
  const command = new Command("status")
    .description("print how the gateway does, or one session")
    .argument("[key]", "a session");
  return asClient<object, [string | undefined]>(io, command, (call, key) =>
    key === undefined ? printGateway(call) : printSession(call, key),
  );
};

async function printGateway({ client, printer }: ClientCall<object>): Promise<void> {
  printer.result(await client.get("gateway.status"), (answer) =>
    printer.facts([
      ["address", answer.url],
      ["version", answer.version],
      ["process", answer.pid],
      ["started", relativeTime(answer.startedAt)],
      ["runs", `${answer.runs.active} active, ${answer.runs.queued} queued`],
      ["approvals", `${answer.approvals} waiting`],
      ["store", storeWords(answer.store)],
    ]),
  );
}

function storeWords({ bytes, freeBytes, checkedAt, problem }: StoreCondition): string {
  if (problem !== undefined) return `damaged (${problem}); start the gateway again to mend it`;
  const checked = checkedAt === undefined ? "" : `, looked over ${relativeTime(checkedAt)}`;
  return `${sizeWords(bytes)}, ${sizeWords(freeBytes)} of it free${checked}`;
}

async function printSession({ client, printer }: ClientCall<object>, sessionKey: string): Promise<void> {
  printer.result(await client.get("session.status", { sessionKey }), (answer) => {
    const { usage, context, runs } = answer;
    const share = context.percent === null ? "" : ` (${Math.round(context.percent)} %)`;
    printer.facts([
      ["session", answer.sessionKey],
      ["kind", answer.kind],
      ["state", answer.state],
      ["model", answer.model],
      ...(answer.budgetProblem ? [["budget", answer.budgetProblem] satisfies [string, string]] : []),
      ...answer.budgets.map((budget) => ["budget", budgetWords(budget)] satisfies [string, string]),
      ["workspace", answer.workspace],
      ["updated", relativeTime(answer.updatedAt)],
      ["runs", `${runs.total} in all, ${runs.active} active, ${runs.queued} queued, ${runs.failed} failed`],
      [
        "context",
        `${toTokens(context.usedTokens)} of ${context.windowTokens === null ? "?" : toTokens(context.windowTokens)} tokens${share}`,
      ],
      [
        "usage",
        `${toTokens(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens)} in, ${toTokens(usage.outputTokens)} out, ${toCost(usage)}`,
      ],
      ["sub-agents", answer.subagents.map((session) => `${session.key} ${session.state}`).join(", ")],
    ]);
  });
}
