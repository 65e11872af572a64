import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Routes } from "../../gateway/routes/routeTable.ts";
import type { ListedWorktree } from "../../protocol/worktree.ts";
import { withoutIcons } from "../host/plainText.ts";
import { type Window, needGateway } from "../host/window.ts";
import type { Compared } from "../pages/comparison.ts";
import { outcomeWord, sessionTitle, stateWord } from "../host/sessionWords.ts";
import { isBusy } from "./sessionItem.ts";

type Subagent = Routes["subagents.list"]["output"]["subagents"][number];

interface Candidate {
  agent: Subagent;
  worktree?: ListedWorktree;
}

/** Shows side by side what the sub-agents of a session did, and lets one be kept: it is merged, and the others go. */
export async function compareSubagents(window: Window, given?: unknown): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const sessionKey = keyOf(given) ?? window.chat.sessionKey;
  const candidates = await listCandidates(client, sessionKey);
  if (candidates.length < 2) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There are no two sub-agents of this session to compare."));
    return;
  }
  const session = window.sessions.rows.get(sessionKey);
  const title = session ? sessionTitle(session) : sessionKey;
  const compared = await Promise.all(candidates.map((one) => toCompared(client, one)));
  const { comparisonText } = await import("../pages/index.ts");
  await window.documents.openPage("comparison.md", comparisonText(title, compared, editorTexts()));
  const keep = vscode.l10n.t("Keep one…");
  const question = vscode.l10n.t("{0} sub-agents are compared.", candidates.length);
  if ((await vscode.window.showInformationMessage(question, keep)) === keep)
    await keepOne(client, sessionKey, candidates);
}

async function listCandidates(client: RouteClient, sessionKey: string): Promise<Candidate[]> {
  const [{ subagents }, { worktrees }] = await Promise.all([
    client.call("subagents.list", { sessionKey }),
    client.call("worktrees.list", {}),
  ]);
  return (
    subagents
      .filter(({ depth }) => depth === 1)
      // In the order in which they were spawned.
      .toReversed()
      .map((agent) => ({ agent, ...defined({ worktree: worktrees.find((one) => one.sessionKey === agent.key) }) }))
  );
}

async function toCompared(client: RouteClient, { agent, worktree }: Candidate): Promise<Compared> {
  const { usage, run } = agent;
  const [{ messages }, diff] = await Promise.all([
    client.call("sessions.history", { sessionKey: agent.key, limit: 20 }),
    worktree?.state === "ok" ? client.call("worktrees.diff", { name: worktree.name }) : undefined,
  ]);
  const ended = run?.finishedAt;
  return {
    name: nameOf({ agent }),
    state: run?.outcome ? outcomeWord(run.outcome) : stateWord(agent.state),
    ...(run?.startedAt && ended ? { seconds: (Date.parse(ended) - Date.parse(run.startedAt)) / 1000 } : {}),
    tokens: usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    costUsd: usage.costUsd,
    knownUsd: usage.knownUsd,
    reply: messages.findLast(({ role }) => role === "assistant")?.text ?? "",
    ...defined({ patch: diff?.patch }),
  };
}

/** Merges first: where that is refused, nothing goes. What is done goes by how they are after the last yes. */
async function keepOne(client: RouteClient, sessionKey: string, candidates: Candidate[]): Promise<void> {
  const items = candidates.map((one) => ({
    label: withoutIcons(nameOf(one)),
    description: one.worktree?.branch ?? "",
    one,
  }));
  const chosen = (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Keep one, remove the others") }))
    ?.one;
  if (!chosen || !(await isConfirmed(chosen, candidates.length - 1))) return;
  const now = await listCandidates(client, sessionKey);
  const kept = toKept(chosen, now);
  const others = now.filter((one) => one !== kept && candidates.some(({ agent }) => agent.key === one.agent.key));
  const { worktree } = kept;
  if (worktree && (worktree.ahead > 0 || worktree.uncommitted > 0))
    await client.call("worktrees.merge", { name: worktree.name });
  for (const { agent } of others) await client.call("sessions.delete", { sessionKey: agent.key });
  for (const one of others)
    if (one.worktree) await client.call("worktrees.remove", { name: one.worktree.name, force: true });
  // Refused where something was changed in it since.
  if (worktree) await client.call("worktrees.remove", { name: worktree.name, force: false });
}

async function isConfirmed(chosen: Candidate, others: number): Promise<boolean> {
  const yes = vscode.l10n.t("Keep it");
  const question = vscode.l10n.t("Keep what {0} did?", nameOf(chosen));
  const detail = [
    ...(chosen.worktree
      ? [vscode.l10n.t("Its branch {0} is merged into what is checked out.", chosen.worktree.branch)]
      : []),
    others === 1
      ? vscode.l10n.t("The other sub-agent is stopped and removed, with its worktree and all that is in it.")
      : vscode.l10n.t(
          "The other {0} sub-agents are stopped and removed, with their worktrees and all that is in them.",
          others,
        ),
  ].join(" ");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

/** The chosen one as it is now; throws where what it did is not all there to be kept. */
function toKept(chosen: Candidate, now: Candidate[]): Candidate {
  const kept = now.find(({ agent }) => agent.key === chosen.agent.key);
  if (kept && (isBusy(kept.agent) || (kept.worktree && kept.worktree.atWork.length > 0)))
    throw new AppError("conflict", vscode.l10n.t("{0} is still at work. Nothing was changed.", nameOf(chosen)));
  if (!kept || (chosen.worktree && kept.worktree?.state !== "ok"))
    throw new AppError(
      "conflict",
      vscode.l10n.t("The worktree of {0} cannot be read. Nothing was changed.", nameOf(chosen)),
    );
  return kept;
}

function nameOf({ agent }: Candidate): string {
  return agent.model ?? sessionTitle(agent);
}

function keyOf(given: unknown): string | undefined {
  const key = typeof given === "object" && given !== null ? (given as { key?: unknown }).key : given;
  return typeof key === "string" ? key : undefined;
}
