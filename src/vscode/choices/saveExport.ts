import { writeFile } from "node:fs/promises";
import * as vscode from "vscode";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { type ExportFormat, type ExportSource, exportSession } from "../../client/exportSession.ts";
import { cancellable } from "../settings/cancellable.ts";
import { withoutLinks } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { editorTexts } from "../words/editorTexts.ts";

/** Writes a session with all its messages into a file that the user names; without a format, asks for it. */
export async function saveExport(window: Window, sessionKey: string, given?: string): Promise<void> {
  const client = await needGateway(window);
  const format = given === "json" || given === "markdown" ? given : await pickFormat();
  if (!client || !format) return;
  const exported = await cancellable(vscode.l10n.t("Reading a session"), (signal) => {
    const source: ExportSource = {
      status: (of) => client.call("session.status", of),
      // Page by page: one that is not wanted any more is not read to its end.
      history: async (of) => (signal.throwIfAborted(), await client.call("sessions.history", of)),
    };
    return exportSession(source, sessionKey, format);
  });
  if (!exported) return;
  const { text, count, title } = exported;
  const extension = format === "json" ? "json" : "md";
  const folder = vscode.Uri.file(workspaceFolders()[0] ?? homeFolder());
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, `${toFileName(title ?? sessionKey)}.${extension}`),
    filters: format === "json" ? { JSON: ["json"] } : { Markdown: ["md"] },
    title: vscode.l10n.t("Export session"),
  });
  if (!file) return;
  // What was said is for nobody but its owner.
  if (file.scheme === "file") await writeFile(file.fsPath, text, { mode: 0o600 });
  else await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  const { plural } = editorTexts();
  const open = vscode.l10n.t("Open");
  const told = withoutLinks(
    vscode.l10n.t("{0} exported to {1}.", plural(count, "{0} message", "{0} messages"), file.fsPath),
  );
  void vscode.window.showInformationMessage(told, open).then(async (choice) => {
    if (choice === open) await vscode.window.showTextDocument(file);
  });
}

async function pickFormat(): Promise<ExportFormat | undefined> {
  const formats = [
    { label: "Markdown", detail: vscode.l10n.t("To be read"), format: "markdown" as const },
    {
      label: "JSON",
      detail: vscode.l10n.t("With all that the gateway knows of each message"),
      format: "json" as const,
    },
  ];
  const chosen = await vscode.window.showQuickPick(formats, { title: vscode.l10n.t("Export session") });
  return chosen?.format;
}

/** What every file system takes as a name. */
function toFileName(title: string): string {
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60);
  return name.replaceAll(/^-|-$/g, "") || "session";
}
