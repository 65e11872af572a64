import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";
import { once } from "../../base/oncePer.ts";
import { defaultStateDir } from "../../base/files/defaultStateDir.ts";
import type { Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";
import type { Host } from "../../core/ports/host.ts";
import { confirmWidening } from "./confirmWidening.ts";
import { createEditorFiles } from "./editorFiles.ts";
import type { Presence } from "./presence.ts";
import { createSecretCache } from "./secretCache.ts";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";
import { askedOf } from "../knowledge/askedOf.ts";
import { createCodeOfWindow } from "../knowledge/codeOfWindow.ts";
import { createLanguageModels, type LanguageModelApi } from "./languageModels.ts";
import { createVault } from "./vault.ts";

// Kept, because asking for a module that is there already still costs each request.
const loadApp = once(() => import("../../app.ts"));

export interface EditorHostOptions {
  context: vscode.ExtensionContext;
  log: Log;
  redactor: Redactor;
  presence: Presence;
  documents: VirtualDocuments;
  /** Whether this host leads, and so must do what no other does. */
  leads(): boolean;
}

// By its names: of the editor as a whole, each of its hundreds of parts would be in the bundle.
const languageModelApi: LanguageModelApi = {
  l10n: vscode.l10n,
  lm: vscode.lm,
  CancellationTokenSource: vscode.CancellationTokenSource,
  LanguageModelChatMessage: vscode.LanguageModelChatMessage,
  LanguageModelDataPart: vscode.LanguageModelDataPart,
  LanguageModelError: vscode.LanguageModelError,
  LanguageModelTextPart: vscode.LanguageModelTextPart,
  LanguageModelToolCallPart: vscode.LanguageModelToolCallPart,
  LanguageModelToolResultPart: vscode.LanguageModelToolResultPart,
};

/** What this window gives the agent: its folders, files, secrets and log. While the window is away, others work in its folders. */
export function createEditorHost({ context, log, redactor, presence, documents, leads }: EditorHostOptions): Host {
  const secrets = createSecretCache(context.secrets, presence);
  context.subscriptions.push(secrets);
  const code = createCodeOfWindow();
  context.subscriptions.push(code);
  return {
    name: vscode.env.appName,
    version: String((context.extension.packageJSON as { version: string }).version),
    workspaces: () => (presence.isThere || leads() ? workspaceFolders() : []),
    onDidChangeWorkspaces(listener) {
      return vscode.Disposable.from(
        vscode.workspace.onDidChangeWorkspaceFolders(listener),
        vscode.workspace.onDidGrantWorkspaceTrust(listener),
        vscode.Disposable.from(presence.onDidChange(listener)),
      );
    },
    confirm: (question) => confirmWidening(documents, question),
    // Read at each start: a changed setting counts when the gateway starts again.
    get stateDir() {
      return stateFolder();
    },
    async secret(name) {
      const value = (await secrets.get(name)) ?? (await loadApp()).openSecrets(stateFolder()).get(name);
      redactor.add(value);
      return value;
    },
    vault: createVault(context, secrets),
    log,
    files: createEditorFiles(presence),
    code: askedOf(code, presence),
    providers: [createLanguageModels(languageModelApi, context.languageModelAccessInformation, presence)],
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
  return process.env["PINCER_HOME"] || setting || defaultStateDir();
}

/** The file that the user set in place of the state folder's openclaw.yml, "" for none. Throws `bad_request` for what is no whole path. */
export function configFile(): string {
  const given = vscode.workspace.getConfiguration("pincer").get("configFile", "");
  const file = given.replace(/^~(?=[/\\])/, () => homeFolder());
  if (file === "" || isWholePath(file)) return file;
  const message = vscode.l10n.t("The setting pincer.configFile is “{0}”, which is no absolute path.", given);
  throw new AppError("bad_request", message);
}
