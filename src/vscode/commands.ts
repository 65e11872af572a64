import * as vscode from "vscode";
import { isAppError } from "../base/appError.ts";
import { describeError } from "../base/log.ts";
import { browserCommands } from "./browserCommands.ts";
import type { Command } from "./command.ts";
import { dataCommands } from "./dataCommands.ts";
import { type Edge, tellFailure } from "./edge.ts";
import { toSentence } from "./gateway.ts";
import { gatewayCommands } from "./gatewayCommands.ts";
import { jobCommands } from "./jobCommands.ts";
import { keyCommands } from "./keyCommands.ts";
import { sendSelection } from "./sendSelection.ts";
import { sessionCommands } from "./sessionCommands.ts";
import { showUsage } from "./usagePanel.ts";
import { spawnTask } from "./spawnTask.ts";

const commands: Record<string, Command> = {
  ...gatewayCommands,
  ...sessionCommands,
  ...jobCommands,
  ...keyCommands,
  ...dataCommands,
  ...browserCommands,
  "pincer.spawnTask": spawnTask,
  "pincer.sendSelection": sendSelection,
  "pincer.showUsage": showUsage,
};

export function registerCommands(edge: Edge): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, command]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await command(edge, ...args);
        } catch (error) {
          if (!isAppError(error)) edge.log.error(`${id} failed: ${describeError(error)}`);
          tellFailure(toSentence(error));
        }
      }),
    ),
  );
}
