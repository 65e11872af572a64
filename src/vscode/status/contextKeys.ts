import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";

/** Context keys that menus, welcome views and the walkthrough go by: what is the case, and what has happened once. */
export function followContextKeys(
  gateway: Gateway,
  log: Log,
  onModel: (model: string | undefined) => void,
): vscode.Disposable {
  const held = new Disposables();
  const look = async (): Promise<void> => {
    if (gateway.status.state !== "running") return onModel(undefined);
    const client = gateway.client();
    const [{ models }, { jobs }, { model, usage }] = await Promise.all([
      client.call("models.list", {}),
      client.call("cron.list", {}),
      client.call("session.status", { sessionKey: "main" }),
    ]);
    onModel(model);
    setContext(
      "modelReady",
      models.some(({ ready, provider }) => ready && provider !== "offline"),
    );
    setContext("hasJobs", jobs.length > 0);
    // Whoever chatted before the walkthrough was opened has done that step.
    if (usage.outputTokens > 0) setContext("replied", true);
  };
  const follow = () => {
    setContext("state", gateway.status.state);
    look().catch((error: unknown) => log.debug(`ContextKeys: ${describeError(error)}`));
  };
  held.add(gateway.onDidChange(follow));
  held.add(
    gateway.onEvent((event: GatewayEvent) => {
      if (event.type === "run.finished" && event.outcome.type === "done") setContext("replied", true);
      if (event.type === "session.changed" && event.session.parentKey) setContext("spawned", true);
      if (event.type === "job.changed") setContext("hasJobs", true);
    }),
  );
  follow();
  return vscode.Disposable.from(held);
}

function setContext(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `pincer.${name}`, value);
}
