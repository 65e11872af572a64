import * as vscode from "vscode";
import { placeOf } from "../base/files/diskPath.ts";
import { followAnnouncements } from "./approvals/announcements.ts";
import { ApprovalPrompts } from "./approvals/approvalPrompts.ts";
import { speaksForAll } from "./approvals/speaksHere.ts";
import { ChangeReview } from "./chat/changeReview.ts";
import { ChatView } from "./chat/chatView.ts";
import { showChatOnce } from "./chat/firstShow.ts";
import { takeLinks } from "./chat/takeLinks.ts";
import { ChannelsView } from "./channels/channelsView.ts";
import { registerCommands } from "./commands.ts";
import { ConfigFaults } from "./status/configFaults.ts";
import { CronView } from "./jobs/cronView.ts";
import { registerLanguageModelTools } from "./mcp/languageModelTools.ts";
import { followMcpQuestions } from "./mcp/mcpQuestions.ts";
import { McpView } from "./mcp/mcpView.ts";
import type { Window } from "./host/window.ts";
import { workspaceFolders } from "./host/editorHost.ts";
import { answerPanel } from "./chat/editorMethods.ts";
import { rulesHere } from "./host/rulesHere.ts";
import type { Gateway } from "./host/windowGateway.ts";
import { writePincerCommand } from "./host/pincerCommand.ts";
import { TerminalOutput } from "./context/terminalOutput.ts";
import { WorkspaceFiles } from "./context/workspaceFiles.ts";
import { registerMcpProvider } from "./host/mcpProvider.ts";
import { followContextKeys } from "./status/contextKeys.ts";
import { offerKeyFix } from "./settings/keyFix.ts";
import { SessionsView } from "./sessions/sessionsView.ts";
import { WorktreesView } from "./sessions/worktreesView.ts";
import { offerOnProblems } from "./sessions/spawnTarget.ts";
import { followStatusDetails } from "./status/statusDetails.ts";
import { offerRestarts } from "./status/restartOffer.ts";
import { StatusBar } from "./status/statusBar.ts";
import { TerminalEnvironment } from "./host/terminalEnvironment.ts";
import { TaskFiles } from "./jobs/taskFiles.ts";

/** Puts up everything that a window shows of the gateway. Disposing takes it all down again. */
export function createWindow(
  base: Pick<Window, "context" | "channel" | "log" | "redactor" | "host" | "gateway" | "documents">,
): vscode.Disposable {
  const { context, log, redactor, gateway, documents } = base;
  const sessions = new SessionsView(gateway, log);
  const cron = new CronView(gateway, log);
  const servers = new McpView(gateway, log);
  const channels = new ChannelsView(gateway, log);
  const worktrees = new WorktreesView(gateway, base.host.stateDir, log);
  const chat = new ChatView({
    extensionUri: context.extensionUri,
    gateway,
    answer: (method, params) => answerPanel(window, method, params),
    log,
  });
  const approvals = new ApprovalPrompts({
    gateway,
    documents,
    isShown: (sessionKey) => chat.isShowing(sessionKey),
    isOurs: (sessionKey) => isOurs(gateway, sessionKey),
    log,
  });
  const review = new ChangeReview({ gateway, documents, log });
  const sources = {
    files: new WorkspaceFiles(),
    terminal: new TerminalOutput(log),
    client: () => (gateway.status.state === "running" ? gateway.client() : undefined),
    rules: () => rulesHere(gateway),
    log,
  };
  const window: Window = { ...base, sessions, cron, worktrees, chat, approvals, review, sources };
  const statusBar = new StatusBar(gateway, () => ({ busy: sessions.rows.countBusy(), waiting: approvals.count }));
  return vscode.Disposable.from(
    new TaskFiles(gateway),
    review,
    sources.files,
    sources.terminal,
    sessions,
    cron,
    servers,
    channels,
    worktrees,
    chat,
    approvals,
    statusBar,
    new TerminalEnvironment(
      gateway,
      context.environmentVariableCollection,
      () => writePincerCommand(base.host.stateDir, context.asAbsolutePath("dist/cli.mjs")),
      log,
    ),
    new ConfigFaults(gateway, log),
    offerKeyFix(gateway),
    registerMcpProvider(gateway, base.host.version),
    registerLanguageModelTools(gateway),
    registerCommands(window, context.extension.packageJSON as object),
    offerOnProblems(),
    takeLinks(chat),
    showChatOnce(context.globalState, sessions.onDidChangeVisibility, chat),
    vscode.Disposable.from(followAnnouncements(gateway, chat)),
    vscode.Disposable.from(followMcpQuestions(gateway, chat, log)),
    followStatusDetails(gateway, log, (details) => statusBar.setDetails(details)),
    followContextKeys({ gateway, context, log, onModel: (model) => statusBar.setModel(model) }),
    approvals.onDidChange((count) => {
      sessions.setWaiting(count);
      statusBar.update();
    }),
    chat.onDidSelect((key) => void sessions.select(key)),
    vscode.Disposable.from(sessions.onDidChangeBusy(() => statusBar.update())),
    vscode.Disposable.from(gateway.onDidChange(() => redactor.add(gateway.app?.token()))),
    // A new key changes what the gateway can do, for all windows.
    context.secrets.onDidChange(() => gateway.announce()),
    offerRestarts(gateway, log),
  );
}

/** Whether this is the window to ask: it has the session's folder open, or speaks for all and no window has. */
async function isOurs(gateway: Gateway, sessionKey: string): Promise<boolean> {
  const client = gateway.client();
  const { workspace } = await client.call("session.status", { sessionKey });
  const place = workspace && placeOf(workspace);
  const isOne = (folders: string[]) => folders.some((folder) => placeOf(folder) === place);
  if (workspace && isOne(workspaceFolders())) return true;
  if (!speaksForAll(gateway)) return false;
  const { offered } = await client.call("workspaces.list", {});
  return !workspace || !isOne(offered);
}
