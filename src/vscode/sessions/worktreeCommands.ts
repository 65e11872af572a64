import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ListedWorktree } from "../../protocol/worktree.ts";
import { openOutside } from "../documents/openOutside.ts";
import type { Command } from "../host/command.ts";
import { type Window, needGateway } from "../host/window.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { worktreeWords } from "./worktreeItem.ts";

type Act = (window: Window, client: RouteClient, worktree: ListedWorktree) => Promise<unknown>;

export const worktreeCommands = {
  async "pincer.showWorktrees"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const { worktrees } = await client.call("worktrees.list", {});
    if (worktrees.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("No sub-agent works in a worktree."));
      return;
    }
    const chosen = await vscode.window.showQuickPick(worktrees.map(toItem), {
      title: vscode.l10n.t("Worktrees of sub-agents"),
      matchOnDescription: true,
    });
    if (!chosen) return;
    const title = chosen.worktree.branch;
    const act = await vscode.window.showQuickPick(actsOn(chosen.worktree), { title });
    if (act) await onTree(act.run)(window, chosen.worktree.name);
  },
  "pincer.diffWorktree": (window, node) => onTree(showDiff)(window, nameOf(node)),
  "pincer.openWorktreeSession": (window, node) => onTree(openSession)(window, nameOf(node)),
  "pincer.openWorktree": (window, node) => onTree(openFolder)(window, nameOf(node)),
  "pincer.patchWorktree": (window, node) => onTree(savePatch)(window, nameOf(node)),
  "pincer.mergeWorktree": (window, node) => onTree(merge)(window, nameOf(node)),
  "pincer.pushWorktree": (window, node) => onTree(push)(window, nameOf(node)),
  "pincer.removeWorktree": (window, node) => onTree(remove)(window, nameOf(node)),
  "pincer.refreshWorktrees": async ({ worktrees }) => worktrees.refresh(),
} satisfies Record<string, Command>;

/** The row's: these commands are in no palette. */
function nameOf(node: unknown): string {
  return String((node as { worktree?: unknown } | undefined)?.worktree);
}

/** Does it with the worktree as it is now, which the tree shows afterwards. */
function onTree(act: Act): (window: Window, name: string) => Promise<void> {
  return async (window, name) => {
    const client = await needGateway(window);
    if (!client) return;
    const found = await findWorktree(client, name);
    try {
      if (found) await act(window, client, found);
    } finally {
      await window.worktrees.refresh();
    }
  };
}

async function findWorktree(client: RouteClient, name: string): Promise<ListedWorktree | undefined> {
  return (await client.call("worktrees.list", {})).worktrees.find((one) => one.name === name);
}

function toItem(worktree: ListedWorktree) {
  const { name, repository } = worktree;
  return { label: `$(git-branch) ${name}`, description: worktreeWords(worktree), detail: repository, worktree };
}

function actsOn({ state, sessionKey }: ListedWorktree): (vscode.QuickPickItem & { run: Act })[] {
  const isThere = state === "ok";
  return [
    ...(isThere ? [{ label: vscode.l10n.t("$(diff) Show what is different"), run: showDiff }] : []),
    ...(sessionKey ? [{ label: vscode.l10n.t("$(comment) Open its session"), run: openSession }] : []),
    ...(isThere ? [{ label: vscode.l10n.t("$(window) Open it in a window"), run: openFolder }] : []),
    ...(isThere ? [{ label: vscode.l10n.t("$(save) Save it as a patch…"), run: savePatch }] : []),
    ...(isThere ? [{ label: vscode.l10n.t("$(git-merge) Merge it"), run: merge }] : []),
    ...(isThere ? [{ label: vscode.l10n.t("$(repo-push) Push its branch for a pull request…"), run: push }] : []),
    { label: vscode.l10n.t("$(trash) Remove it"), run: remove },
  ];
}

const showDiff: Act = async ({ documents }, client, { name }) => {
  const { patch } = await client.call("worktrees.diff", { name });
  await documents.openText(`${name}.diff`, patch || vscode.l10n.t("Nothing is different."));
};

const openSession: Act = async ({ chat }, _client, { sessionKey }) => chat.show(sessionKey!);

const openFolder: Act = async (_window, _client, { path }) => {
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(path), { forceNewWindow: true });
};

const savePatch: Act = async (_window, client, { name, repository }) => {
  const { patch } = await client.call("worktrees.diff", { name });
  const place = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(repository), `${name}.patch`),
    filters: { Patch: ["patch", "diff"] },
  });
  if (place) await vscode.workspace.fs.writeFile(place, Buffer.from(patch));
};

const push: Act = async (_window, client, { name, branch, repository }) => {
  const yes = vscode.l10n.t("Push");
  const question = vscode.l10n.t("Push {0} to the remote of its repository?", branch);
  const detail = vscode.l10n.t("What is not committed in it is committed first. In {0}.", repository);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  const { remote, url } = await client.call("worktrees.push", { name });
  const open = vscode.l10n.t("Make a pull request…");
  const told = vscode.window.showInformationMessage(
    vscode.l10n.t("{0} is pushed to {1}.", branch, remote),
    ...(url === undefined ? [] : [open]),
  );
  if (url !== undefined && (await told) === open) await openOutside(url);
};

const merge: Act = async (_window, client, { name, branch, repository }) => {
  const yes = vscode.l10n.t("Merge");
  const question = vscode.l10n.t("Merge {0} into what is checked out?", branch);
  const detail = vscode.l10n.t("What is not committed in it is committed first. In {0}.", repository);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  const { into } = await client.call("worktrees.merge", { name });
  void vscode.window.showInformationMessage(vscode.l10n.t("{0} is merged into {1}.", branch, into));
};

/** What is lost with it is what the question named: where that has changed by the yes, nothing goes. */
const remove: Act = async (_window, client, worktree) => {
  const { name, branch, uncommitted } = worktree;
  checkAtRest(worktree);
  const yes = vscode.l10n.t("Remove");
  const question = vscode.l10n.t("Remove the worktree of {0}?", branch);
  const detail =
    uncommitted > 0
      ? editorTexts().plural(
          uncommitted,
          "{0} file with changes that no commit holds is lost with it.",
          "{0} files with changes that no commit holds are lost with it.",
        )
      : vscode.l10n.t("Its branch stays where no other has its commits.");
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  const now = await findWorktree(client, name);
  if (!now) return;
  checkAtRest(now);
  if (now.uncommitted !== uncommitted)
    throw new AppError("conflict", vscode.l10n.t("Files in {0} have changed meanwhile. Nothing was removed.", branch));
  await client.call("worktrees.remove", { name, ...(uncommitted > 0 ? { losing: { uncommitted } } : {}) });
};

function checkAtRest({ branch, atWork }: ListedWorktree): void {
  if (atWork.length > 0)
    throw new AppError("conflict", vscode.l10n.t("{0} is still at work. Nothing was changed.", branch));
}
