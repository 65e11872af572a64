import { basename } from "node:path";
import * as vscode from "vscode";
import type { Approval, ApprovalSubject } from "../../protocol/approval.ts";
import type { Window } from "../host/window.ts";

type Asked = Pick<Window["approvals"], "isWaiting" | "onDidChange" | "answer">;

interface Proposal {
  approval: Approval;
  before: vscode.Uri;
  after: vscode.Uri;
}

/** Changes that wait for an answer and are shown in the editor, by the approval's id. */
const shown = new Map<string, Proposal>();

/**
 * Shows a change as the editor compares files, and a new file as it would be: compared with nothing, it would show a line that
 * is removed. It is answered in the title of that, and gone once it is answered anywhere.
 */
export async function openProposal(
  { approvals, documents }: { approvals: Asked; documents: Window["documents"] },
  approval: Approval,
  { path, before, after }: Extract<ApprovalSubject, { type: "edit" }>,
): Promise<void> {
  const proposal = shown.get(approval.id) ?? {
    approval,
    before: documents.add(path, before),
    after: documents.add(path, after),
  };
  if (!shown.has(approval.id)) follow(approvals, proposal);
  const title = vscode.l10n.t("{0}: proposed change", basename(path));
  const options = { preview: true };
  if (before === "") await vscode.commands.executeCommand("vscode.open", proposal.after, options, title);
  else await vscode.commands.executeCommand("vscode.diff", proposal.before, proposal.after, title, options);
}

/** Answers the change that an address shows, or that which has the focus. */
export async function answerProposal(approvals: Asked, decision: "allow" | "deny", given?: unknown): Promise<void> {
  const address = String(given ?? shownBy(vscode.window.tabGroups.activeTabGroup.activeTab));
  const found = [...shown.values()].find(({ after }) => after.toString() === address);
  if (found) await approvals.answer(found.approval, { decision });
}

function follow(approvals: Asked, proposal: Proposal): void {
  const { id } = proposal.approval;
  shown.set(id, proposal);
  tell();
  closeOnceAnswered(approvals, id, proposal.after, () => {
    shown.delete(id);
    tell();
  });
}

/** Nothing stays open of what was asked: it would look as if it still were. */
export function closeOnceAnswered(approvals: Asked, id: string, page: vscode.Uri, then?: () => void): void {
  const address = page.toString();
  const held = approvals.onDidChange(() => {
    if (approvals.isWaiting(id)) return;
    held.dispose();
    then?.();
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    void vscode.window.tabGroups.close(tabs.filter((tab) => shownBy(tab)?.toString() === address));
  });
}

/** The two answers are there where there is something to answer. */
function tell(): void {
  const addresses = [...shown.values()].map(({ after }) => after.toString());
  void vscode.commands.executeCommand("setContext", "pincer.proposals", addresses);
}

/** Whatever draws it: a person may have chosen a preview or a notebook for such files. */
function shownBy(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  const input = tab?.input as { uri?: vscode.Uri; modified?: vscode.Uri } | undefined;
  return input?.modified ?? input?.uri;
}
