import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { tickStep } from "./walkthroughSteps.ts";

/** Keys that are a step of the walkthrough done. */
const STEPS = { modelReady: "model", replied: "chat", spawned: "spawn", hasJobs: "cron" } as const;

/** Context keys that menus, welcome views and the walkthrough go by: what is the case, and what has happened once. */
export function followContextKeys(options: {
  gateway: Gateway;
  context: vscode.ExtensionContext;
  log: Log;
  onModel(model: string | undefined): void;
}): vscode.Disposable {
  const { gateway, context, log, onModel } = options;
  const held = new Disposables();
  const setStep = (name: keyof typeof STEPS, isDone: boolean): void => {
    setContext(name, isDone);
    if (isDone) tickStep(context, STEPS[name]);
  };
  const look = async (): Promise<void> => {
    if (gateway.status.state !== "running") return onModel(undefined);
    const client = gateway.client();
    const [{ models }, { jobs }, { model, usage }] = await Promise.all([
      client.call("models.list", {}),
      client.call("cron.list", {}),
      client.call("session.status", { sessionKey: "main" }),
    ]);
    onModel(model);
    setStep(
      "modelReady",
      models.some(({ ready, provider }) => ready && provider !== "offline"),
    );
    setStep("hasJobs", jobs.length > 0);
    // Whoever chatted before the walkthrough was opened has done that step.
    if (usage.outputTokens > 0) setStep("replied", true);
  };
  const follow = () => {
    setContext("state", gateway.status.state);
    look().catch((error: unknown) => log.debug(`ContextKeys: ${describeError(error)}`));
  };
  held.add(gateway.onDidChange(follow));
  held.add(
    gateway.onEvent((event: GatewayEvent) => {
      if (event.type === "run.finished" && event.outcome.type === "done") setStep("replied", true);
      if (event.type === "session.changed" && event.session.parentKey) setStep("spawned", true);
      if (event.type === "job.changed") setStep("hasJobs", true);
    }),
  );
  follow();
  return vscode.Disposable.from(held);
}

function setContext(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `pincer.${name}`, value);
}
