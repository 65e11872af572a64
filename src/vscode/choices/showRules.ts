import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Routes } from "../../gateway/routes/routeTable.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import { relativeTime } from "../words/relativeTime.ts";
import { needGateway, type Window } from "../host/window.ts";
import { defined } from "../../base/defined.ts";

type Held = Routes["rules.list"]["output"]["rules"][number];

interface RuleItem extends vscode.QuickPickItem {
  held?: Held;
}

/** Shows which rules there are and what each let through last; takes one away, and puts it back. */
export async function showRules(window: Window): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const picker = vscode.window.createQuickPick<RuleItem>();
  picker.title = vscode.l10n.t("Rules");
  picker.placeholder = vscode.l10n.t("What may be done unasked; Enter opens where it stands, the bin takes it away");
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  const draw = async (): Promise<void> => {
    picker.items = toItems((await client.call("rules.list", {})).rules, (key) => window.sessions.rows.get(key)?.title);
  };
  const attempt = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(withoutLinks(message));
    });
  };
  const closed = Promise.withResolvers<Held | undefined>();
  picker.onDidTriggerItemButton(({ item: { held } }) => held && attempt(() => remove(client, held).then(draw)));
  picker.onDidAccept(() => closed.resolve(picker.selectedItems[0]?.held));
  picker.onDidHide(() => closed.resolve(undefined));
  picker.busy = true;
  picker.show();
  attempt(draw);
  picker.busy = false;
  const chosen = await closed.promise;
  picker.dispose();
  if (chosen?.from === "configuration") await vscode.commands.executeCommand("pincer.openConfiguration");
  if (chosen?.sessionKey !== undefined) await window.chat.show(chosen.sessionKey);
  if (chosen?.job) await vscode.commands.executeCommand("pincer.showJob", { id: chosen.job.id });
}

async function remove(client: RouteClient, { from, rule, words, sessionKey }: Held): Promise<void> {
  await client.call("rules.remove", { rule, ...defined({ sessionKey }) });
  if (from !== "configuration") return;
  const undo = vscode.l10n.t("Undo");
  const told = withoutLinks(vscode.l10n.t("“{0}” is no rule any more.", words));
  void vscode.window.showInformationMessage(told, undo).then(async (choice) => {
    if (choice === undo) await client.call("rules.add", { rule });
  });
}

function toItems(rules: Held[], titleOf: (key: string) => string | null | undefined): RuleItem[] {
  if (rules.length === 0)
    return [{ label: vscode.l10n.t("There are no rules: everything is decided by the mode."), alwaysShow: true }];
  const heads: Record<Held["from"], string> = {
    configuration: vscode.l10n.t("In openclaw.yml: always and in every folder"),
    session: vscode.l10n.t("For a session, until the gateway ends"),
    job: vscode.l10n.t("For jobs"),
  };
  const bin = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Take this rule away") };
  return (["configuration", "session", "job"] as const).flatMap((from) => {
    const own = rules.filter((held) => held.from === from);
    const items = own.map((held): RuleItem => ({
      held,
      label: `${held.rule.deny ? "$(circle-slash)" : "$(pass)"} ${withoutIcons(held.words)}`,
      description: withoutIcons(
        held.job?.name ?? (held.sessionKey && (titleOf(held.sessionKey) ?? held.sessionKey)) ?? "",
      ),
      detail: held.last
        ? vscode.l10n.t(
            "Let {0} run {1}",
            held.last.what,
            relativeTime(Date.parse(held.last.at), Date.now(), vscode.env.language),
          )
        : vscode.l10n.t("Has let nothing through lately"),
      // A job's are changed with the job.
      buttons: from === "job" ? [] : [bin],
    }));
    return items.length > 0 ? [{ label: heads[from], kind: vscode.QuickPickItemKind.Separator }, ...items] : [];
  });
}
