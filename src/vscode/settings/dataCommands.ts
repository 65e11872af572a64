import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { stateEntries } from "../../base/files/stateEntries.ts";
import type { Command } from "../host/command.ts";
import { toConfigFaults } from "../host/configFault.ts";
import { configFile } from "../host/editorHost.ts";
import type { Window } from "../host/window.ts";
import { exampleConfig } from "./exampleConfig.ts";
import { listNames } from "./storedKeys.ts";
import { userConfigFile } from "./keyInFile.ts";

export const dataCommands: Record<string, Command> = {
  async "pincer.openConfiguration"({ gateway, host }) {
    const named = configFile();
    // An example in its place would be in force, without the rules of the one that is meant.
    if (named !== "" && !existsSync(named))
      return void (await vscode.commands.executeCommand("workbench.action.openSettings", "pincer.configFile"));
    const path = userConfigFile({ gateway, host });
    if (named === "") await makeExample(path);
    const [fault] = toConfigFaults(gateway.status.details);
    const place = fault && new vscode.Position(fault.line - 1, fault.column - 1);
    await vscode.window.showTextDocument(vscode.Uri.file(fault?.path ?? path), {
      ...defined({ selection: place && new vscode.Range(place, place) }),
    });
  },

  async "pincer.collectDiagnostics"(window) {
    const report = window.redactor.text(await describe(window));
    await window.documents.openText("pincer-diagnostics.md", report);
  },

  /** The editor's own form, with this extension chosen in it: nothing is sent before the user says so there. */
  async "pincer.reportIssue"({ context }) {
    await vscode.commands.executeCommand("workbench.action.openIssueReporter", { extensionId: context.extension.id });
  },

  async "pincer.deleteAllData"({ context, gateway, host }) {
    if (gateway.status.role === "client") {
      throw new AppError("conflict", vscode.l10n.t("Another window or program runs the gateway. Close it first."));
    }
    const remove = vscode.l10n.t("Delete everything");
    const question = vscode.l10n.t("Delete all data of Pincer?");
    const detail = vscode.l10n.t(
      "All sessions, jobs, usage, logs, checkpoints, notes, skills, openclaw.yml and stored API keys, for all windows: the folder {0}. Worktrees of sub-agents stay. This cannot be undone. Close other windows that use Pincer first.",
      host.stateDir,
    );
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
    await refuseOthers(host);
    await gateway.stop();
    // Another window may have taken the lead as this one gave it up.
    await refuseOthers(host);
    // Of every profile, and of servers and chat networks too.
    for (const name of await listNames({ context })) await context.secrets.delete(name);
    for (const key of context.globalState.keys()) await context.globalState.update(key, undefined);
    // By name and not the whole folder: PINCER_HOME may be a folder with other things in it.
    const names = await stateEntries(host.stateDir);
    await Promise.all(names.map((name) => rm(join(host.stateDir, name), { recursive: true, force: true })));
    for (const name of ["images", "plans"])
      await rm(join(context.globalStorageUri.fsPath, name), { recursive: true, force: true });
    void vscode.window.showInformationMessage(vscode.l10n.t("All data of Pincer was deleted. The gateway is stopped."));
  },
};

/** What is deleted beneath a process that works with it would come back in part, or be lost in the middle of a run. */
async function refuseOthers(host: Window["host"]): Promise<void> {
  const { whoWorks } = await import("../../app.ts");
  const other = await whoWorks(host);
  if (!other) return;
  const name = other.owner ?? vscode.l10n.t("Another window or program");
  throw new AppError(
    "conflict",
    vscode.l10n.t("{0} (process {1}) works with this data, and nothing was deleted. Close it first.", name, other.pid),
  );
}

async function makeExample(path: string): Promise<void> {
  await makeFolders(dirname(path), 0o700);
  try {
    // It may come to hold a token and keys.
    await writeFile(path, exampleConfig, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

async function describe({ context, gateway, host, approvals, sessions }: Window): Promise<string> {
  const { state, role, url, message } = gateway.status;
  const settings = vscode.workspace.getConfiguration("pincer");
  const faults = gateway.app?.diagnostics() ?? [];
  const about = {
    pincer: host.version,
    editor: `${vscode.env.appName} ${vscode.version}`,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName ?? "none",
    trusted: vscode.workspace.isTrusted,
    folders: vscode.workspace.workspaceFolders?.length ?? 0,
    stateFolder: host.stateDir,
    gateway: { state, role, url, message },
    faults: faults.map(({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`),
    approvalsWaiting: approvals.count,
    busySessions: sessions.rows.countBusy(),
    settings: Object.fromEntries(SETTINGS.map((name) => [name, settings.get(name)])),
  };
  const status = state === "running" ? await gateway.client().call("gateway.status", {}) : undefined;
  const config = state === "running" ? await gateway.client().call("config.get", {}) : undefined;
  const sections: [title: string, text: string][] = [
    ["This window", JSON.stringify(about, null, 2)],
    ["Gateway", JSON.stringify(status ?? null, null, 2)],
    ["Configuration, without secrets", JSON.stringify(config ?? null, null, 2)],
    ["End of the log", await logTail(context.logUri)],
  ];
  return `# Pincer diagnostics\n\n${sections.map(([title, text]) => `## ${title}\n\n\`\`\`\n${text}\n\`\`\`\n`).join("\n")}`;
}

const SETTINGS = [
  "gateway.autoStart",
  "gateway.port",
  "stateFolder",
  "configFile",
  "terminal.environment",
  "approvals.notify",
  "edits.save",
];
const TAIL_LINES = 200;

async function logTail(folder: vscode.Uri): Promise<string> {
  try {
    const text = await readFile(vscode.Uri.joinPath(folder, "Pincer.log").fsPath, "utf8");
    return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "(empty)";
    throw error;
  }
}
