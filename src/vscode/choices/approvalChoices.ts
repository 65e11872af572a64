import * as vscode from "vscode";
import { createApprovalWords } from "../../base/text/approvalSentences.ts";
import type { Approval, Offer } from "../../protocol/approval.ts";
import type { Window } from "../host/window.ts";
import { withoutIcons } from "../host/plainText.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { nameOf } from "../words/offerNames.ts";

const words = createApprovalWords(editorTexts());

/** Lets the user choose one of several approvals; the only one needs no choosing. */
export async function chooseApproval(waiting: Approval[]): Promise<Approval | undefined> {
  const items = waiting.map((approval) => ({
    label: withoutIcons(approval.summary),
    description: approval.tool,
    detail: withoutIcons(words.reason(approval.reason)),
    approval,
  }));
  if (items.length === 1) return items[0]!.approval;
  const placeHolder = vscode.l10n.t("Approvals that wait for you");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.approval;
}

/** Lets the user choose an answer: what each is called, and beneath it what it covers. Undefined once it is answered elsewhere. */
export async function chooseOffer(
  approval: Approval,
  approvals: Pick<Window["approvals"], "isWaiting" | "onDidChange">,
): Promise<Offer | undefined> {
  const answered = new vscode.CancellationTokenSource();
  const held = approvals.onDidChange(() => approvals.isWaiting(approval.id) || answered.cancel());
  const items = approval.offers.map((offer) => ({
    label: withoutIcons(nameOf(offer.decision, approval, words.covers)),
    detail: withoutIcons(words.covers(offer.words)),
    offer,
  }));
  const options = {
    title: vscode.l10n.t("Pincer asks: {0}", withoutIcons(approval.summary)),
    placeHolder: vscode.l10n.t("Allow this?"),
    ignoreFocusOut: true,
  };
  try {
    return (await vscode.window.showQuickPick(items, options, answered.token))?.offer;
  } finally {
    held.dispose();
    answered.dispose();
  }
}

/** What an answer covers, in the editor's language. */
export const coversWords = words.covers;
