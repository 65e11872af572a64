import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { AppError } from "../../base/appError.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import type { ContextFound, ContextRef } from "../../protocol/panel/contextRef.ts";
import type { Rule } from "../../protocol/rule.ts";
import { workspaceFolders } from "../host/editorHost.ts";

/** What is used here of the editor's own git extension, version 1. */
interface GitApi {
  git: { path: string };
  repositories: {
    rootUri: vscode.Uri;
    state: { indexChanges: Change[]; workingTreeChanges: Change[] };
  }[];
}

interface Change {
  uri: vscode.Uri;
}

/** Changed files of the window's repositories, staged and not, where there are any. */
export async function findChanges(query: string): Promise<ContextFound[]> {
  const repositories = (await openGit())?.repositories ?? [];
  const staged = countChanges(repositories.flatMap(({ state }) => state.indexChanges));
  const unstaged = countChanges(repositories.flatMap(({ state }) => state.workingTreeChanges));
  return [
    ...(staged > 0 ? [toFound("staged", vscode.l10n.t("Staged changes"), staged)] : []),
    ...(unstaged > 0 ? [toFound("unstaged", vscode.l10n.t("Unstaged changes"), unstaged)] : []),
  ].filter(({ label }) => label.toLowerCase().includes(query.toLowerCase()));
}

/** The patch that a chip means; changes of files that the agent may not read unasked are left out, which is said. */
export async function readChanges({ id }: ContextRef, rules: Rule[]): Promise<string> {
  const api = await openGit();
  if (!api) throw new AppError("unavailable", vscode.l10n.t("The editor's git extension is not there."));
  const { readableChanges } = await import("../../app.ts");
  const patches = await Promise.all(
    api.repositories.map(({ rootUri }) => {
      const repository = { top: rootUri.fsPath, staged: id === "staged", program: api.git.path };
      return readableChanges(workspaceFolders(), repository, rules);
    }),
  );
  const notes = patches
    .flatMap(({ left }) => left)
    .map(({ path, reason }) => vscode.l10n.t("[{0} has changed too and is left out: {1}]", path, reason));
  return (
    [...patches.map(({ text }) => text.trimEnd()), ...notes].filter(Boolean).join("\n") ||
    vscode.l10n.t("There are no such changes now.")
  );
}

function toFound(id: string, label: string, count: number): ContextFound {
  const detail = editorTexts().plural(count, "{0} file", "{0} files");
  return { ref: { kind: "changes", label, icon: "git-compare", id }, label, detail };
}

function countChanges(changes: Change[]): number {
  return changes.filter(({ uri }) => protectedReason(uri.fsPath, "read") === undefined).length;
}

async function openGit(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<{ enabled: boolean; getAPI(version: 1): GitApi }>("vscode.git");
  const git = extension && (extension.isActive ? extension.exports : await extension.activate());
  return git?.enabled ? git.getAPI(1) : undefined;
}
