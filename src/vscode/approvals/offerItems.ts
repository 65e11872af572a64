import * as vscode from "vscode";
import type { Approval, ApprovalDecision, Offer } from "../../protocol/approval.ts";
import { withoutIcons } from "../host/plainText.ts";

/** The answers to an approval for a QuickPick: what each is called, and beneath it what it covers. */
export function toOfferItems({ offers }: Pick<Approval, "offers">): (vscode.QuickPickItem & { offer: Offer })[] {
  return offers.map((offer) => ({ label: nameOf(offer.decision), detail: withoutIcons(offer.words), offer }));
}

/** "Allow once" */
export function nameOf(decision: ApprovalDecision): string {
  switch (decision) {
    case "allow":
      return vscode.l10n.t("Allow once");
    case "allow_session":
      return vscode.l10n.t("Allow for session");
    case "allow_job":
      return vscode.l10n.t("Allow for this job");
    case "allow_always":
      return vscode.l10n.t("Always allow");
    case "deny":
      return vscode.l10n.t("Deny");
  }
}
