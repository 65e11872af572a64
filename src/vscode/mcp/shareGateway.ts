import { join } from "node:path";
import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import { defaultStateDir } from "../../base/files/defaultStateDir.ts";
import type { FileText } from "../../core/ports/files.ts";
import type { Command } from "../host/command.ts";
import { editorFiles } from "../host/editorFiles.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { writePincerCommand } from "../host/pincerCommand.ts";

/**
 * Writes into a folder's .mcp.json how other programs' agents start `pincer mcp serve`, which finds the gateway by itself: the
 * file holds no token.
 */
export const shareGateway: Command = async ({ context, host }) => {
  const folder = await pickFolder(vscode.l10n.t("The folder whose .mcp.json names Pincer"));
  if (folder === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a folder first: .mcp.json lies in one."));
    return;
  }
  const { shareServer } = await import("../../app.ts");
  const bin = await writePincerCommand(host.stateDir, context.asAbsolutePath("dist/cli.mjs"));
  const isDefault = host.stateDir === defaultStateDir();
  const command = join(bin, process.platform === "win32" ? "pincer.cmd" : "pincer");
  const args = ["mcp", "serve", ...(isDefault ? [] : ["--state", host.stateDir])];
  const path = join(folder, ".mcp.json");
  const before = await readText(path);
  const after = shareServer(before?.text ?? "", "pincer", { command, args });
  if (after !== undefined) await editorFiles.writeText(path, after, before ?? null);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
  const told =
    after === undefined
      ? vscode.l10n.t("Pincer is in this .mcp.json already.")
      : vscode.l10n.t("Agents that read this .mcp.json reach Pincer while its gateway runs. It holds no token.");
  void vscode.window.showInformationMessage(told);
};

async function readText(path: string): Promise<FileText | undefined> {
  try {
    return await editorFiles.readText(path);
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return undefined;
    throw error;
  }
}
