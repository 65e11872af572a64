import { join } from "node:path";
import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Skill } from "../../protocol/context/skill.ts";
import type { Command } from "../host/command.ts";
import { type Listed, listInFolders } from "../host/pickFolder.ts";
import { type Window, needGateway } from "../host/window.ts";

export const skillCommands: Record<string, Command> = {
  async "pincer.showSkills"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const skills = await listInFolders(async (place) => (await client.call("skills.list", place)).skills);
    if (skills.length === 0) {
      const told = vscode.l10n.t(
        "There are no skills. A folder with a SKILL.md in .agents/skills of the workspace, or in ~/.agents/skills, is one.",
      );
      void vscode.window.showInformationMessage(told);
      return;
    }
    const chosen = await vscode.window.showQuickPick(skills.map(toItem), {
      title: vscode.l10n.t("Skills"),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (!chosen) return;
    const { skill, place } = chosen;
    if (skill.from === "workspace" && !skill.confirmed && skill.problem === undefined)
      return await confirm(window, client, skill, place);
    await vscode.window.showTextDocument(vscode.Uri.file(join(skill.path, "SKILL.md")), { preview: true });
  },
};

function toItem({ one: skill, place, folder }: Listed<Skill>) {
  const { name, from, confirmed, description, problem, path } = skill;
  const state =
    problem !== undefined
      ? vscode.l10n.t("cannot be used: {0}", problem)
      : confirmed
        ? from === "user"
          ? vscode.l10n.t("yours")
          : vscode.l10n.t("of the workspace")
        : vscode.l10n.t("of the workspace, waits for your word");
  const icon = problem === undefined ? (confirmed ? "lightbulb" : "question") : "warning";
  const words = [state, folder].filter(Boolean).join(" · ");
  return { label: `$(${icon}) ${name}`, description: words, detail: description || path, skill, place };
}

/** Shows what it says, and lets it be used as that is. */
async function confirm(
  { documents }: Window,
  client: RouteClient,
  { name, hash }: Skill,
  place: { workspace?: string },
): Promise<void> {
  const { text, path } = await client.call("skills.get", { name, ...place });
  await documents.openText(`${name}.md`, text);
  const yes = vscode.l10n.t("Use It");
  const question = vscode.l10n.t("Let agents use the skill {0} as it is now?", name);
  const detail = vscode.l10n.t(
    "It comes with the workspace ({0}). What it says is followed as your word would be; its scripts ask as every command does. Any change of its files is asked about again.",
    path,
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  await client.call("skills.confirm", { name, hash, ...place });
}
