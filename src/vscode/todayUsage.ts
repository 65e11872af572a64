import * as vscode from "vscode";
import { Disposables } from "../base/disposable.ts";
import { describeError, type Log } from "../base/log.ts";
import type { Gateway } from "./gateway.ts";
import { costWords, sumUsage } from "./usageSums.ts";

const WAIT_MS = 1000;

/** Tells what was used today (UTC), "12,345 tokens, $0.42": when the gateway comes up, and after runs. */
export function followTodayUsage(
  gateway: Gateway,
  log: Log,
  onUsage: (words: string | undefined) => void,
): vscode.Disposable {
  const held = new Disposables();
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    if (gateway.status.state !== "running") return onUsage(undefined);
    const today = sumUsage("today", (await gateway.client().call("usage.cost", { days: 1 })).rows);
    onUsage(vscode.l10n.t("{0} tokens, {1}", today.tokens.toLocaleString(vscode.env.language), costWords(today)));
  };
  const follow = () => void look().catch((error: unknown) => log.debug(`Usage: ${describeError(error)}`));
  held.add(gateway.onDidChange(follow));
  held.add(
    gateway.onEvent(({ type }) => {
      if (type !== "run.finished") return;
      // Many runs may end at once.
      clearTimeout(timer);
      timer = setTimeout(follow, WAIT_MS);
    }),
  );
  held.add({ dispose: () => clearTimeout(timer) });
  follow();
  return vscode.Disposable.from(held);
}
