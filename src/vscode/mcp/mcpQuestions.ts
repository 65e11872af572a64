import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { McpQuestion } from "../../protocol/mcp.ts";
import { speaksHere } from "../approvals/speaksHere.ts";
import type { ChatView } from "../chat/chatView.ts";
import { firstLine, withoutLinks } from "../host/plainText.ts";
import { type Gateway, toSentence } from "../host/windowGateway.ts";

/** Says that a server asks something, in the window that the user looks at. It is answered in the chat, which says so itself. */
export function followMcpQuestions(gateway: Gateway, chat: Pick<ChatView, "visible" | "answer">, log: Log): Disposable {
  return gateway.onEvent((event) => {
    if (event.type !== "mcp.asked" || chat.visible || !speaksHere(gateway)) return;
    put(gateway, chat, event.question).catch((error: unknown) => {
      log.warn(`An MCP server's question could not be answered: ${describeError(error)}`);
      void vscode.window.showInformationMessage(withoutLinks(toSentence(error)));
    });
  });
}

async function put(gateway: Gateway, chat: Pick<ChatView, "answer">, question: McpQuestion): Promise<void> {
  const { id, server, message } = question;
  const [answer, decline] = [vscode.l10n.t("Answer…"), vscode.l10n.t("Decline")];
  const asked = withoutLinks(vscode.l10n.t("The MCP server {0} asks: {1}", server, firstLine(message)));
  const choice = await vscode.window.showInformationMessage(asked, answer, decline);
  // Left alone it waits: it can be answered elsewhere.
  if (choice === answer) await chat.answer();
  if (choice === decline) await gateway.client().call("mcp.answer", { id, action: "decline" });
}
