import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import { visible } from "../../base/text/visible.ts";
import { fitDetail } from "../documents/fitDetail.ts";
import type { Command } from "../host/command.ts";
import { askOfText } from "../host/askOfText.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { writableConfigFile } from "../settings/keyInFile.ts";
import { withoutLinks } from "../host/plainText.ts";

const PLACES = [".mcp.json", ".vscode/mcp.json"];

/** Takes servers that this folder sets up for other programs over into the user's openclaw.yml, once they have been read and allowed. */
export const importServers: Command = async (window) => {
  const { addServers, readForeignServers } = await import("../../app.ts");
  const files = workspaceFolders().flatMap((folder) => PLACES.map((name) => ({ folder, path: join(folder, name) })));
  const found = files.filter(({ path }) => existsSync(path));
  if (found.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("This folder has no .mcp.json and no .vscode/mcp.json."));
    return;
  }
  const servers: Parameters<typeof addServers>[1] = {};
  const left: string[] = [];
  for (const { folder, path } of found) {
    try {
      const read = readForeignServers(readFileSync(path, "utf8"), folder, process.env);
      Object.assign(servers, read.servers);
      left.push(...read.left.map(({ name, why }) => `${name}: ${why}`));
    } catch (error) {
      if (!isAppError(error)) throw error;
      left.push(`${path}: ${error.message}`);
    }
  }
  const add = vscode.l10n.t("Add to my openclaw.yml");
  const lines = Object.entries(servers).map(([name, server]) => `${name}: ${visible(JSON.stringify(server))}`);
  const skipped = left.length === 0 ? [] : [vscode.l10n.t("Left out:"), ...left.map(visible)];
  const page = "mcp-servers.txt";
  const question = vscode.l10n.t("Servers run with your rights. Add these?");
  if (lines.length === 0) {
    const detail = await fitDetail(window.documents, page, skipped, []);
    return void vscode.window.showWarningMessage(question, { modal: true, detail });
  }
  const text = [...lines, ...skipped].join("\n");
  if (!(await askOfText(window.documents, { question, page, text, names: Object.keys(servers), allow: add }))) return;
  const added = await addServers(writableConfigFile(window), servers);
  const names = added.length === 0 ? vscode.l10n.t("nothing: they are there already") : added.join(", ");
  void vscode.window.showInformationMessage(withoutLinks(vscode.l10n.t("Added to openclaw.yml: {0}", names)));
};
