import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { Disposables } from "../../base/disposable.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import type { Routes } from "../../gateway/routes/routeTable.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import { costWords, sumUsage } from "../pages/usageSums.ts";

/** What the status bar's tooltip tells besides the gateway's state, in words. */
export interface StatusDetails {
  /** Used since midnight UTC: "12,345 tokens, $0.42". */
  today?: string;
  /** The agent's browser; absent where there can be none. */
  browser?: string;
  /** What commands run in. */
  sandbox?: string;
  /** How large the store is, or that it is damaged. */
  store?: string;
}

const WAIT_MS = 1000;

/** Asks for the details when the gateway comes up, and after what may have changed them. */
export function followStatusDetails(
  gateway: Gateway,
  log: Log,
  onDetails: (details: StatusDetails) => void,
): vscode.Disposable {
  const held = new Disposables();
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    if (gateway.status.state !== "running") return onDetails({});
    const client = gateway.client();
    const [today, browser, status] = await Promise.all([
      todayWords(client),
      browserWords(client),
      client.call("gateway.status", {}),
    ]);
    onDetails({
      today,
      sandbox: sandboxWords(status),
      store: storeWords(status),
      ...defined({ browser: browser || undefined }),
    });
  };
  const follow = () => void look().catch((error: unknown) => log.debug(`Status: ${describeError(error)}`));
  held.add(gateway.onDidChange(follow));
  held.add(
    gateway.onEvent((event) => {
      if (!changesDetails(event)) return;
      // Many runs may end at once.
      clearTimeout(timer);
      timer = setTimeout(follow, WAIT_MS);
    }),
  );
  held.add({ dispose: () => clearTimeout(timer) });
  follow();
  return vscode.Disposable.from(held);
}

function changesDetails(event: GatewayEvent): boolean {
  return event.type === "run.finished" || (event.type === "tool.finished" && event.name === "browser");
}

/** A gateway of an earlier version says nothing of budgets. */
type Told = Pick<Routes["usage.cost"]["output"], "rows"> & Partial<Pick<Routes["usage.cost"]["output"], "budgets">>;

async function todayWords(client: RouteClient): Promise<string> {
  const { rows, budgets = [] } = (await client.call("usage.cost", { days: 1 })) as Told;
  const texts = editorTexts();
  const today = sumUsage("today", rows);
  const words = texts.t("{0} tokens, {1}", today.tokens, costWords(today, texts));
  const near = budgets.filter(({ percent }) => percent >= 50);
  return [words, ...near.map(({ title, percent }) => vscode.l10n.t("{0}: {1} % of its budget", title, percent))].join(
    "; ",
  );
}

type Status = Routes["gateway.status"]["output"];

/** A gateway of an earlier version does not say. */
function storeWords({ store }: { store?: Status["store"] }): string | undefined {
  if (!store) return undefined;
  if (store.problem !== undefined) return vscode.l10n.t("damaged; restart to mend it");
  return sizeWords(store.bytes);
}

function sandboxWords({ sandbox }: Status): string {
  if (sandbox.kind !== undefined) return sandbox.kind;
  return sandbox.mode === "off" ? vscode.l10n.t("off") : vscode.l10n.t("none: {0}", sandbox.reason ?? "");
}

async function browserWords(client: RouteClient): Promise<string | undefined> {
  // A gateway without a browser, or of an earlier version, refuses: then there is nothing to tell.
  const answer = await client.call("browser", { action: "status", sessionKey: "main" }).catch(() => undefined);
  if (!answer) return undefined;
  if (!answer.running) return vscode.l10n.t("not running");
  const { headless, tabs } = answer.running;
  const where = headless ? vscode.l10n.t("in the background") : vscode.l10n.t("shown");
  return `${where}, ${editorTexts().plural(tabs, "{0} tab", "{0} tabs")}`;
}
