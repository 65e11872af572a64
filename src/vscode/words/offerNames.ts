import * as vscode from "vscode";
import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";

/** "Allow once"; what gives a budget more says how much. */
export function nameOf(
  decision: ApprovalDecision,
  { offers, raises }: Pick<Approval, "offers" | "raises">,
  covers: (words: string) => string,
): string {
  const more = raises && decision === "allow" ? offers.find((offer) => offer.decision === "allow") : undefined;
  if (more) return vscode.l10n.t("Allow {0}", covers(more.words));
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
