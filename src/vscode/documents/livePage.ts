import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { PageHead } from "../pages/pageHead.ts";

export interface LivePageOptions {
  extensionUri: vscode.Uri;
  /** The panel's kind, as the editor knows it. */
  type: string;
  title: string;
  /** What its links may run. */
  commands: string[];
}

/** A page of the editor, of which later drawings change only what differs: focus and scroll place stay. */
export interface LivePage {
  panel: vscode.WebviewPanel;
  draw(toHtml: (head: PageHead) => string): void;
}

export function openLivePage({ extensionUri, type, title, commands }: LivePageOptions): LivePage {
  const root = vscode.Uri.joinPath(extensionUri, "dist", "webview");
  const panel = vscode.window.createWebviewPanel(type, title, vscode.ViewColumn.Active, {
    enableScripts: true,
    enableCommandUris: commands,
    localResourceRoots: [root],
  });
  // A picture on a tab is drawn as it is, and not in the theme's colour.
  const icon = (name: string) => vscode.Uri.joinPath(extensionUri, "media", name);
  panel.iconPath = { light: icon("pincer.svg"), dark: icon("pincerOnDark.svg") };
  const { webview } = panel;
  const head = {
    nonce: randomBytes(18).toString("base64url"),
    script: webview.asWebviewUri(vscode.Uri.joinPath(root, "page.js")).toString(),
  };
  let newest = "";
  const tell = () => void webview.postMessage({ html: newest });
  // It is thrown away when hidden, and begins again with the first drawing.
  webview.onDidReceiveMessage(tell);
  return {
    panel,
    draw(toHtml) {
      newest = toHtml(head);
      if (webview.html === "") webview.html = newest;
      else tell();
    },
  };
}
