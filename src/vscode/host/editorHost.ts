import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";
import type { Host } from "../../core/ports/host.ts";
import { confirmWidening } from "./confirmWidening.ts";
import { editorFiles } from "./editorFiles.ts";
import { createCodeOfWindow } from "../knowledge/codeOfWindow.ts";
import { createLanguageModels } from "./languageModels.ts";

/** What this window gives the agent: its folders, files, secrets and log. */
export function createEditorHost(context: vscode.ExtensionContext, log: Log, redactor: Redactor): Host {
  const code = createCodeOfWindow();
  context.subscriptions.push(code);
  return {
    name: vscode.env.appName,
    version: String((context.extension.packageJSON as { version: string }).version),
    workspaces: workspaceFolders,
    onDidChangeWorkspaces(listener) {
      return vscode.Disposable.from(
        vscode.workspace.onDidChangeWorkspaceFolders(listener),
        vscode.workspace.onDidGrantWorkspaceTrust(listener),
      );
    },
    confirm: confirmWidening,
    // Read at each start: a changed setting counts when the gateway starts again.
    get stateDir() {
      return stateFolder();
    },
    async secret(name) {
      const value = await context.secrets.get(name);
      redactor.add(value);
      return value;
    },
    log,
    files: editorFiles,
    code,
    providers: [createLanguageModels(vscode, context.languageModelAccessInformation)],
  };
}

/** Absolute folders on disk of a trusted window; none in Restricted Mode. */
export function workspaceFolders(): string[] {
  if (!vscode.workspace.isTrusted) return [];
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}

/** PINCER_HOME, then the setting, then ~/.pincer. */
function stateFolder(): string {
  const setting = vscode.workspace.getConfiguration("pincer").get("stateFolder", "");
  return process.env["PINCER_HOME"] || setting || join(homedir(), ".pincer");
}

/** The file that the user set in place of the state folder's openclaw.yml; "" for none. */
export function configFile(): string {
  return vscode.workspace.getConfiguration("pincer").get("configFile", "");
}
