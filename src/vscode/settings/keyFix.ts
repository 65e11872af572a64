import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { Gateway } from "../host/windowGateway.ts";

/** Offers, in the file and once in a message, to move a key out of a workspace's openclaw.yml into the secret storage. */
export function offerKeyFix(gateway: Gateway): vscode.Disposable {
  const told = new Set<string>();
  const tell = async (path: string): Promise<void> => {
    if (told.has(path)) return;
    told.add(path);
    const { listPlainKeys } = await import("../../app.ts");
    const [first] = listPlainKeys(await readFile(path, "utf8").catch(() => ""));
    if (first) await offerMove(path, first.provider);
  };
  return vscode.Disposable.from(
    vscode.languages.registerCodeActionsProvider(FILES, { provideCodeActions: listFixes }, KINDS),
    gateway.onDidChange(() => {
      for (const { path, code } of gateway.app?.diagnostics() ?? [])
        if (code === "secret_in_workspace") void tell(path);
    }),
  );
}

async function offerMove(path: string, provider: string): Promise<void> {
  const move = vscode.l10n.t("Move it to secret storage");
  const open = vscode.l10n.t("Open file");
  const message = vscode.l10n.t(
    "{0} of this folder holds the {1} key in plain words, where everybody who has the folder can read it.",
    "openclaw.yml",
    provider,
  );
  const choice = await vscode.window.showWarningMessage(message, move, open);
  if (choice === move) await vscode.commands.executeCommand("pincer.moveApiKey", path, provider);
  if (choice === open) await vscode.window.showTextDocument(vscode.Uri.file(path));
}

async function listFixes(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): Promise<vscode.CodeAction[]> {
  if (!diagnostics.some(({ code }) => code === "secret_in_workspace")) return [];
  const { listPlainKeys } = await import("../../app.ts");
  const keys = listPlainKeys(document.getText());
  return diagnostics.flatMap((fault) => {
    const found = keys.find(({ line }) => line === fault.range.start.line);
    if (fault.source !== "Pincer" || fault.code !== "secret_in_workspace" || !found) return [];
    const title = vscode.l10n.t("Move the {0} key to the editor's secret storage", found.provider);
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [fault];
    action.isPreferred = true;
    action.command = { title, command: "pincer.moveApiKey", arguments: [document.uri.fsPath, found.provider] };
    return [action];
  });
}

const FILES = [{ pattern: "**/openclaw.yml" }, { pattern: "**/openclaw.yaml" }];
const KINDS = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
