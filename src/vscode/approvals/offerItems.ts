import * as vscode from "vscode";
import type { Approval, ApprovalDecision, Offer } from "../../protocol/approval.ts";
import { withoutIcons } from "../host/plainText.ts";

/** The answers to an approval for a QuickPick: what each is called, and beneath it what it covers. */
export function toOfferItems(
  approval: Pick<Approval, "offers" | "raises">,
): (vscode.QuickPickItem & { offer: Offer })[] {
  return approval.offers.map((offer) => ({
    label: nameOf(offer.decision, approval),
    detail: withoutIcons(offer.words),
    offer,
  }));
}

/** "Allow once"; what gives a budget more says how much. */
export function nameOf(decision: ApprovalDecision, { offers, raises }: Pick<Approval, "offers" | "raises">): string {
  const more = raises && decision === "allow" ? offers.find((offer) => offer.decision === "allow") : undefined;
  if (more) return vscode.l10n.t("Allow {0}", withoutIcons(more.words));
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
