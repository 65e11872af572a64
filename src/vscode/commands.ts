import * as vscode from "vscode";
import { isAppError } from "../base/appError.ts";
import { describeError } from "../base/log.ts";
import { browserCommands } from "./settings/browserCommands.ts";
import { channelCommands } from "./channels/channelCommands.ts";
import { deferredCommands } from "./deferred/deferredCommands.ts";
import type { Command } from "./host/command.ts";
import { dataCommands } from "./settings/dataCommands.ts";
import { type Window, tellFailure } from "./host/window.ts";
import { toSentence } from "./host/windowGateway.ts";
import { gatewayCommands } from "./status/gatewayCommands.ts";
import { keyCommands } from "./settings/keyCommands.ts";
import { mcpCommands } from "./mcp/mcpCommands.ts";
import { sendSelection, sendTerminal } from "./chat/sendSelection.ts";
import { searchSessions } from "./sessions/searchSessions.ts";
import { sessionCommands } from "./sessions/sessionCommands.ts";
import { agentCommands } from "./sessions/agentCommands.ts";
import { openMemory } from "./sessions/openMemory.ts";
import { skillCommands } from "./sessions/skillCommands.ts";
import { demandRow, rowCommands } from "./trees/lostRow.ts";
import { showUsage } from "./usage/usagePanel.ts";
import { reviewCommands, undoRun } from "./chat/undoRun.ts";

const commands: Record<string, Command> = {
  ...gatewayCommands,
  ...sessionCommands,
  ...deferredCommands,
  ...keyCommands,
  ...dataCommands,
  ...browserCommands,
  ...agentCommands,
  ...skillCommands,
  "pincer.openMemory": openMemory,
  ...mcpCommands,
  ...channelCommands,
  "pincer.showRules": async (window) => (await import("./choices/index.ts")).showRules(window),
  "pincer.setUpModel": async (window) => (await import("./choices/index.ts")).setUpModel(window),
  "pincer.searchSessions": searchSessions,
  "pincer.undoRun": undoRun,
  ...reviewCommands,
  "pincer.sendSelection": sendSelection,
  "pincer.sendTerminal": sendTerminal,
  "pincer.showUsage": showUsage,
};

/** @param manifest The extension's own package.json. */
export function registerCommands(window: Window, manifest: object): vscode.Disposable {
  const onRows = rowCommands(manifest);
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, command]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          if (onRows.has(id)) demandRow(args);
          await command(window, ...args);
        } catch (error) {
          if (!isAppError(error)) window.log.error(`${id} failed: ${describeError(error)}`);
          tellFailure(toSentence(error));
        }
      }),
    ),
  );
}
