import * as vscode from "vscode";
import type { Approval, ApprovalSubject } from "../../protocol/approval.ts";
import { closeTabs, tabsOf, urisOf } from "../documents/pageTabs.ts";
import type { Window } from "../host/window.ts";

type Asked = Pick<Window["approvals"], "isWaiting" | "onDidChange" | "answer">;
type Pages = Pick<Window["documents"], "add">;
type Answer = "allow" | "deny";

/** A file as it is and as it would be. */
interface ProposedText {
  path: string;
  before: string;
  after: string;
}

/** A change that is shown and not made yet. It is answered in the title of what shows it. */
interface Proposal {
  title: string;
  before: vscode.Uri;
  after: vscode.Uri;
  /** Compared with nothing, a file would show a line that is removed: it is shown as it would be. */
  isNew: boolean;
  /** Absent for one that nobody asks for once nothing shows it any more. */
  approvalId?: string;
  answer(decision: Answer): Promise<void>;
}

/** Those that wait for an answer, by the address of what would be. */
const waiting = new Map<string, Proposal>();

/** Shows what the agent asks to change. Once that is answered anywhere, it is gone. */
export async function openProposal(
  { approvals, documents }: { approvals: Asked; documents: Pages },
  approval: Approval,
  change: Extract<ApprovalSubject, { type: "edit" }>,
): Promise<void> {
  const { id } = approval;
  const known = [...waiting.values()].find(({ approvalId }) => approvalId === id);
  const answer = (decision: Answer) => approvals.answer(approval, { decision });
  const proposal = known ?? { ...toPages(documents, change), approvalId: id, answer };
  if (!known) {
    add(proposal);
    closeOnceAnswered(approvals, id, proposal.after, () => drop(proposal));
  }
  await show(proposal);
}

/** Shows a change that `make` makes when the user accepts it. While `make` rejects, it waits on. */
export async function proposeText(documents: Pages, change: ProposedText, make: () => Promise<void>): Promise<void> {
  for (const left of waiting.values())
    if (left.approvalId === undefined && tabsOf(isPage(left.after)).length === 0) drop(left);
  const proposal: Proposal = {
    ...toPages(documents, change),
    async answer(decision) {
      drop(proposal);
      try {
        if (decision === "allow") await make();
      } catch (error) {
        add(proposal);
        throw error;
      }
      closeTabs(isPage(proposal.after));
    },
  };
  add(proposal);
  await show(proposal);
}

/** Answers the change that an address shows, or that which has the focus. */
export async function answerProposal(decision: Answer, given?: unknown): Promise<void> {
  const pages = given ? [given] : urisOf(vscode.window.tabGroups.activeTabGroup.activeTab);
  const address = pages.map(String).find((one) => waiting.has(one));
  if (address !== undefined) await waiting.get(address)!.answer(decision);
}

/** Nothing stays open of what was asked: it would look as if it still were. */
export function closeOnceAnswered(approvals: Asked, id: string, page: vscode.Uri, then?: () => void): void {
  const held = approvals.onDidChange(() => {
    if (approvals.isWaiting(id)) return;
    held.dispose();
    then?.();
    closeTabs(isPage(page));
  });
}

function toPages(documents: Pages, { path, before, after }: ProposedText) {
  return {
    title: vscode.l10n.t("{0}: proposed change", vscode.workspace.asRelativePath(path)),
    before: documents.add(path, before),
    after: documents.add(path, after),
    isNew: before === "",
  };
}

/** In a tab of its own: in the place of one that the user only looks into, that would be closed with it. */
async function show({ title, before, after, isNew }: Proposal): Promise<void> {
  const options = { preview: false };
  if (isNew) await vscode.commands.executeCommand("vscode.open", after, options, title);
  else await vscode.commands.executeCommand("vscode.diff", before, after, title, options);
}

function add(proposal: Proposal): void {
  waiting.set(proposal.after.toString(), proposal);
  tell();
}

function drop(proposal: Proposal): void {
  waiting.delete(proposal.after.toString());
  tell();
}

/** The two answers are there where there is something to answer. */
function tell(): void {
  void vscode.commands.executeCommand("setContext", "pincer.proposals", [...waiting.keys()]);
}

function isPage(page: vscode.Uri): (uri: vscode.Uri) => boolean {
  return (uri) => uri.toString() === page.toString();
}
