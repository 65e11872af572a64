import * as vscode from "vscode";
import { toTooltip } from "../words/tooltip.ts";
import type { SlotRecord, ToldFiring } from "../../protocol/job.ts";
import { statusIcon, statusWord } from "./jobStatus.ts";
import { type Locale, timeWords } from "../../schedule/scheduleWords.ts";
import { waitWords } from "../words/waitWords.ts";

/** One firing beneath its job; a click opens the session it ran in. */
export function toSlotItem(slot: ToldFiring, locale: Locale): vscode.TreeItem {
  const item = new vscode.TreeItem(slotTime(slot, locale));
  item.id = `${slot.jobId}/${slot.slot}/${slot.startedAt}`;
  item.description = slotWords(slot);
  item.iconPath = statusIcon(slot.status);
  item.contextValue = "slot";
  item.accessibilityInformation = { label: `${item.label as string}, ${item.description}` };
  const faults = [slot.error, slot.delivery?.error].filter((text) => text !== undefined);
  const waits = slot.delivery ? waitWords(slot.delivery, locale, vscode.l10n.t) : [];
  item.tooltip = toTooltip([`${item.label as string}: ${item.description}`, ...faults, ...waits]);
  if (slot.sessionKey) {
    item.command = {
      command: "pincer.openSession",
      title: vscode.l10n.t("Open in chat"),
      arguments: [slot.sessionKey],
    };
  }
  return item;
}

/** A slot that never fired has only the time it was due. */
export function slotTime(slot: SlotRecord, locale: Locale): string {
  return timeWords(Date.parse(slot.status === "missed" ? slot.slot : slot.startedAt), locale);
}

/** "done, catch-up after 3 missed runs", "failed, by hand". */
export function slotWords(slot: SlotRecord): string {
  return [statusWord(slot.status), causeWords(slot), deliveryWords(slot)].filter(Boolean).join(", ");
}

/** What became of its result, where it is not simply there. */
function deliveryWords({ delivery }: SlotRecord): string {
  const lost = vscode.l10n.t("result not delivered");
  const words: Record<NonNullable<SlotRecord["delivery"]>["status"], string> = {
    pending: "",
    queued: vscode.l10n.t("result on its way"),
    delivered: "",
    "in doubt": vscode.l10n.t("result may not have arrived"),
    refused: lost,
    failed: lost,
  };
  return delivery ? words[delivery.status] : "";
}

/** Why it fired, where that is not its schedule; of a missed one how many were before it. */
export function causeWords({ status, cause, missed, started, inDoubt }: SlotRecord): string {
  if (inDoubt) return started ?? "";
  if (status === "missed") return missed ? vscode.l10n.t("{0} more before it", missed) : "";
  const causes: Record<SlotRecord["cause"], string> = {
    schedule: "",
    misfire: missed
      ? vscode.l10n.t("catch-up after {0} more missed", missed)
      : vscode.l10n.t("catch-up for a missed run"),
    retry: vscode.l10n.t("retry"),
    manual: vscode.l10n.t("by hand"),
    webhook: vscode.l10n.t("by a webhook"),
    file: started ?? "",
    exit: started ?? "",
    after: started ?? "",
  };
  return causes[cause];
}
