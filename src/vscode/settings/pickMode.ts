import * as vscode from "vscode";
import type { SessionMode } from "../../protocol/session.ts";
import { type Window, needGateway } from "../host/window.ts";
import { defined } from "../../base/defined.ts";

interface ModeItem extends vscode.QuickPickItem {
  mode: SessionMode | null;
  /** Why it cannot be chosen. */
  refused?: string;
}

/** Lets the user choose how calls are decided in a session, and sets it. False when that was not done. */
export async function pickMode(window: Window, sessionKey: string): Promise<boolean> {
  const client = await needGateway(window);
  if (!client) return false;
  const [{ mode, config }, { sandbox }] = await Promise.all([
    client.call("session.status", { sessionKey }),
    client.call("gateway.status", {}),
  ]);
  const usual = config.approvals;
  const holds = sandbox.holds || sandbox.mode === "off";
  const all = listItems(holds ? undefined : (sandbox.reason ?? vscode.l10n.t("there is no sandbox here")));
  const items = usual === "deny" ? [...all.filter((item) => item.mode === "plan"), deniedItem()] : all;
  // Where the configuration lets all run outside of any sandbox, none of these is what holds.
  const now = mode === "auto" && !sandbox.holds ? undefined : mode;
  const chosen = await vscode.window.showQuickPick<ModeItem>(
    items.map((item) => (item.mode === now ? { ...item, description: vscode.l10n.t("now") } : item)),
    {
      title: vscode.l10n.t("What may be done here without asking?"),
      placeHolder: vscode.l10n.t("For what you ask in this session; what is protected asks in every mode"),
    },
  );
  if (!chosen) return false;
  if (chosen.refused !== undefined) {
    void vscode.window.showWarningMessage(vscode.l10n.t("Commands cannot be kept in a sandbox: {0}", chosen.refused));
    return false;
  }
  // The configuration's own "auto" may run outside of a sandbox; that of a session never does.
  const isUsual = chosen.mode === usual && usual !== "auto";
  await client.call("approvals.mode", { sessionKey, mode: isUsual ? null : chosen.mode });
  return true;
}

function deniedItem(): ModeItem {
  return {
    mode: null,
    label: `$(circle-slash) ${vscode.l10n.t("As configured")}`,
    detail: vscode.l10n.t("openclaw.yml says approvals: deny, and no session goes further than that."),
  };
}

function listItems(noSandbox: string | undefined): ModeItem[] {
  return [
    {
      mode: "plan",
      label: `$(lightbulb) ${vscode.l10n.t("Plan first")}`,
      detail: vscode.l10n.t("Only looks, and replies with a plan; the work begins when you accept it"),
    },
    {
      mode: "ask",
      label: `$(shield) ${vscode.l10n.t("Ask")}`,
      detail: vscode.l10n.t("Asks before anything that writes, runs or connects"),
    },
    {
      mode: "auto-safe",
      label: `$(pass) ${vscode.l10n.t("Safe things run")}`,
      detail: vscode.l10n.t("Commands that only read run; everything else asks"),
    },
    {
      mode: "auto",
      label: `$(rocket) ${vscode.l10n.t("Everything in the sandbox")}`,
      detail:
        noSandbox === undefined
          ? vscode.l10n.t("Edits are made and commands run in the sandbox; the network and what is protected ask")
          : vscode.l10n.t("Not here: {0}", noSandbox),
      ...defined({ refused: noSandbox }),
    },
  ];
}
