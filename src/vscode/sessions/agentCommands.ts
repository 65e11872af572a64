import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { AgentPart } from "../../protocol/context/agentPart.ts";
import type { Command } from "../host/command.ts";
import { type Listed, listInFolders } from "../host/pickFolder.ts";
import { needGateway } from "../host/window.ts";

export const agentCommands: Record<string, Command> = {
  async "pincer.showAgents"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const agents = await listInFolders(async (place) => (await client.call("agents.list", place)).agents);
    if (agents.length === 0) {
      const told = vscode.l10n.t(
        "There are no agents. A file NAME.md in .agents/agents of the workspace, or in ~/.pincer/agents, is one.",
      );
      void vscode.window.showInformationMessage(told);
      return;
    }
    const chosen = await vscode.window.showQuickPick(agents.map(toItem), {
      title: vscode.l10n.t("Agents"),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (!chosen) return;
    const { agent, place } = chosen;
    await vscode.window.showTextDocument(vscode.Uri.file(agent.path), { preview: true });
    if (agent.problem === undefined && !agent.confirmed) await confirm(client, agent, place);
  },
};

function toItem({ one: agent, place, folder }: Listed<AgentPart>) {
  const { name, from, confirmed, description, problem, path } = agent;
  const whose = from === "user" ? vscode.l10n.t("yours") : vscode.l10n.t("of the workspace");
  const state =
    problem !== undefined
      ? vscode.l10n.t("cannot be used: {0}", problem)
      : confirmed
        ? whose
        : vscode.l10n.t("of the workspace, waits for your word");
  const icon = problem === undefined ? (confirmed ? "person" : "question") : "warning";
  const words = [state, folder].filter(Boolean).join(" · ");
  return { label: `$(${icon}) ${name}`, description: words, detail: description || path, agent, place };
}

/** Its file is shown beside the question: what is confirmed is exactly that. */
async function confirm(
  client: RouteClient,
  { name, hash, path }: AgentPart,
  place: { workspace?: string },
): Promise<void> {
  const yes = vscode.l10n.t("Use It");
  const question = vscode.l10n.t("Let sub-agents be {0}, as its file says now?", name);
  const detail = vscode.l10n.t(
    "It comes with the workspace ({0}). What it says is followed as your word would be. Any change of it is asked about again.",
    path,
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  await client.call("agents.confirm", { name, hash, ...place });
}
