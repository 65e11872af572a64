import * as vscode from "vscode";
import { readChatLink } from "./chatLink.ts";

/** Takes links such as `vscode://pincer-dev.pincer/chat?text=…`: they fill the composer for the user to read, and send and choose nothing. */
export function takeLinks(chat: { show(): Promise<void>; prefill(text: string): Promise<void> }): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      const text = readChatLink(uri);
      if (text === undefined) {
        const message = vscode.l10n.t("A link to Pincer was not followed: only /chat?text=… is known.");
        void vscode.window.showWarningMessage(message);
        return;
      }
      await (text === "" ? chat.show() : chat.prefill(text));
    },
  });
}
