import * as vscode from "vscode";
import type { Window } from "../host/window.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { checkDiscordBot } from "./botCheck.ts";
import { setUpChannel } from "./setUpChannel.ts";

// To see channels, write, react, send files, read what was written, and write in threads.
const PERMISSIONS = 1024n | 2048n | 64n | 32_768n | 65_536n | (1n << 38n);

export async function setUpDiscord(window: Window): Promise<void> {
  return setUpChannel(window, {
    id: "discord",
    prompt: vscode.l10n.t(
      "Make an application in Discord's Developer Portal, and paste the token that stands there under Bot. Kept in the editor's secret storage.",
    ),
    example: "MTIzNDU2.Gabc.xyz…",
    isToken: (text) => /^[\w.-]{10,200}$/.test(text.trim()),
    check: (token, options) => checkDiscordBot(editorTexts(), token, options),
    // Discord lets people write to a bot that is in a server of theirs.
    meet: ({ id }) => ({
      url: `https://discord.com/oauth2/authorize?client_id=${id}&scope=bot&permissions=${PERMISSIONS}`,
      label: vscode.l10n.t("Invite it to a server"),
    }),
  });
}
