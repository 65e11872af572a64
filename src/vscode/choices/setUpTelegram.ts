import * as vscode from "vscode";
import type { Window } from "../host/window.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { checkTelegramBot } from "./botCheck.ts";
import { setUpChannel } from "./setUpChannel.ts";

export async function setUpTelegram(window: Window): Promise<void> {
  return setUpChannel(window, {
    id: "telegram",
    prompt: vscode.l10n.t(
      "Write /newbot to @BotFather in Telegram, and paste the token that it gives. Kept in the editor's secret storage.",
    ),
    example: "123456:ABC-DEF…",
    isToken: (text) => /^\d{1,20}:[\w-]{8,100}$/.test(text.trim()),
    check: (token, options) => checkTelegramBot(editorTexts(), token, options),
    meet: ({ name }) => ({ url: `https://t.me/${name}`, label: vscode.l10n.t("Open Telegram") }),
  });
}
