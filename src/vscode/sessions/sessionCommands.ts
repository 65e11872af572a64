import * as vscode from "vscode";
import { onAbort } from "../../base/wait.ts";
import type { Command } from "../host/command.ts";
import { type Window, needGateway } from "../host/window.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { pressedRow } from "../trees/focusedRow.ts";
import { cancellable } from "../settings/cancellable.ts";

export const sessionCommands: Record<string, Command> = {
  async "pincer.newSession"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const workspace =
      workspaceFolders().length === 0 ? null : await pickFolder(vscode.l10n.t("Folder of the new session"));
    if (workspace === undefined) return;
    const { session } = await client.call("sessions.create", { workspace });
    await window.chat.show(session.key);
  },

  async "pincer.openChat"({ chat }) {
    await chat.show();
  },

  async "pincer.openSession"({ sessions, chat }, ...args) {
    const [key] = keysOf(sessions.selection, args);
    if (key) await chat.reveal(key);
  },

  async "pincer.stopSession"(window, ...args) {
    const client = await needGateway(window);
    for (const sessionKey of keysOf(window.sessions.selection, args))
      await client?.call("sessions.abort", { sessionKey });
  },

  async "pincer.steerSession"(window, ...args) {
    const [sessionKey] = keysOf(window.sessions.selection, args);
    const client = sessionKey === undefined ? undefined : await needGateway(window);
    if (!client || sessionKey === undefined) return;
    const message = await vscode.window.showInputBox({
      title: vscode.l10n.t("Steer"),
      prompt: vscode.l10n.t("The run under way reads it at its next step"),
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type what it should know")),
    });
    if (message !== undefined) await client.call("sessions.steer", { sessionKey, message });
  },

  async "pincer.stopSubagents"(window, ...args) {
    const client = await needGateway(window);
    for (const sessionKey of keysOf(window.sessions.selection, args))
      await client?.call("subagents.cancel", { sessionKey });
  },

  async "pincer.renameSession"(window, ...args) {
    const [sessionKey] = await aimedKeys(window, args);
    const session = sessionKey === undefined ? undefined : window.sessions.rows.get(sessionKey);
    if (!session || !sessionKey) return;
    const title = await vscode.window.showInputBox({
      title: vscode.l10n.t("Rename session"),
      prompt: vscode.l10n.t("Empty for the title it had by itself"),
      value: session.title ?? "",
      validateInput: (text) => (text.length > 200 ? vscode.l10n.t("At most {0} characters", 200) : undefined),
    });
    if (title === undefined) return;
    const client = await needGateway(window);
    await client?.call("sessions.update", { sessionKey, title: title.trim() || null });
  },

  async "pincer.deleteSession"(window, ...args) {
    const keys = await aimedKeys(window, args);
    if (keys.length > 0) await (await import("../choices/index.ts")).deleteSessions(window, keys);
  },

  "pincer.pinSession": (window, ...args) => change(window, args, { pinned: true }),
  "pincer.unpinSession": (window, ...args) => change(window, args, { pinned: false }),
  "pincer.archiveSession": (window, ...args) => change(window, args, { archived: true }),
  "pincer.unarchiveSession": (window, ...args) => change(window, args, { archived: false }),

  async "pincer.exportSession"(window, ...args) {
    // From the palette the session that the chat shows, whatever the tree has selected.
    const [sessionKey] = keysOf([], args);
    await (await import("../choices/index.ts")).saveExport(window, sessionKey ?? window.chat.sessionKey);
  },

  async "pincer.copySessionKey"({ sessions }, ...args) {
    const keys = keysOf(sessions.selection, args);
    if (keys.length > 0) await vscode.env.clipboard.writeText(keys.join("\n"));
  },

  async "pincer.forkSession"(window, ...args) {
    const [sessionKey] = keysOf(window.sessions.selection, args);
    const client = sessionKey === undefined ? undefined : await needGateway(window);
    if (!client || sessionKey === undefined) return;
    const { session } = await client.call("sessions.fork", { sessionKey });
    await window.chat.show(session.key);
  },

  async "pincer.compactSession"(window, ...args) {
    const [sessionKey] = keysOf(window.sessions.selection, args);
    const client = sessionKey === undefined ? undefined : await needGateway(window);
    if (!client || sessionKey === undefined) return;
    const answer = await cancellable(vscode.l10n.t("Summarising earlier messages…"), (signal) => {
      // A gateway that cannot be reached ends the call below, too, which is told.
      onAbort(signal, () => void client.call("sessions.abort", { sessionKey, only: "compaction" }).catch(() => {}));
      return client.call("sessions.compact", { sessionKey });
    });
    if (answer && !answer.compacted)
      void vscode.window.showInformationMessage(vscode.l10n.t("There is too little history to compact."));
  },

  async "pincer.loadMoreSessions"({ sessions }) {
    await sessions.loadMore();
  },

  async "pincer.pickModel"(window) {
    await (await import("../choices/index.ts")).pickModel(window, window.chat.sessionKey);
  },
};

async function change(
  window: Window,
  args: unknown[],
  fields: { pinned?: boolean; archived?: boolean },
): Promise<void> {
  const client = await needGateway(window);
  for (const sessionKey of keysOf(window.sessions.selection, args))
    if (sessionKey !== "main" || fields.archived === undefined)
      await client?.call("sessions.update", { sessionKey, ...fields });
}

/** The keys a command is about: of the rows it was called on, or of those that are selected. */
function keysOf(selection: readonly unknown[], [target, targets]: unknown[]): string[] {
  if (typeof target === "string") return [target];
  const nodes = Array.isArray(targets) && targets.length > 0 ? targets : target === undefined ? selection : [target];
  return nodes.flatMap((node: unknown) => {
    const key = typeof node === "object" && node !== null ? (node as { key?: unknown }).key : undefined;
    return typeof key === "string" ? [key] : [];
  });
}

/**
 * What a key means: the focused row, or with it all that are selected. Menus name their rows themselves; a key's is in a list. Whoever names
 * none, as another extension, means what is selected.
 */
async function aimedKeys({ sessions }: Window, args: unknown[]): Promise<string[]> {
  const [pressed] = args;
  if (!Array.isArray(pressed) && args.some((argument) => argument !== undefined)) return keysOf([], args);
  const selected = keysOf(sessions.selection, []);
  if (!Array.isArray(pressed)) return selected;
  const row = pressedRow(pressed[0]);
  const focused = keysOf([row ?? (await sessions.focused())], []);
  return focused.some((key) => !selected.includes(key)) ? focused : selected;
}
