import * as vscode from "vscode";

const TICKED = "pincer.walkthroughTicked";

/**
 * Ticks a step of the walkthrough, once for good: who takes the tick away again keeps it so. Its completion event alone does so only
 * where that comes after the editor has read the walkthrough, which it does once somebody opens one.
 */
export function tickStep(
  { extension, globalState }: Pick<vscode.ExtensionContext, "extension" | "globalState">,
  step: "model" | "chat" | "spawn" | "cron" | "rest",
): void {
  const ticked = globalState.get<string[]>(TICKED, []);
  if (ticked.includes(step)) return;
  void globalState.update(TICKED, [...ticked, step]);
  // Of a walkthrough that was not read yet the editor keeps it and fails; others than VS Code may not have the command.
  const id = `${extension.id}#start#pincer.start.${step}`;
  vscode.commands.executeCommand("welcome.markStepComplete", id).then(undefined, () => {});
}
