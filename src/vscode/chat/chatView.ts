import { faultSentence, toConfigFaults } from "../host/configFault.ts";
import { defined } from "../../base/defined.ts";
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import type { Log } from "../../base/log.ts";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";
import type { FoundAt } from "../../protocol/panel/foundAt.ts";
import type { HostMessage, PanelMessage } from "../../protocol/panel/editor.ts";
import type { Attachment } from "../../protocol/message.ts";
import { editorLanguage, editorTexts } from "../words/editorTexts.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { panelHtml } from "./panelHtml.ts";
import { PanelRelay } from "./panelRelay.ts";
import { ShownSession } from "./shownSession.ts";

export interface ChatViewOptions {
  extensionUri: vscode.Uri;
  gateway: Gateway;
  /** Answers "editor.*" requests of the panel. */
  answer(method: string, params: unknown): Promise<unknown>;
  log: Log;
}

/**
 * The chat panel. Its page is thrown away whenever it is hidden and made anew when it is shown, so nothing is kept in
 * it: it is one more client of the gateway and asks again.
 */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly id = "pincer.chat";
  readonly #options: ChatViewOptions;
  readonly #held = new Disposables();
  #view: vscode.WebviewView | undefined;
  #relay: PanelRelay | undefined;
  #isReady = false;
  /** What the page is told once it listens. */
  #pending: HostMessage[] = [];
  /** The session that it was told to show, until it does. */
  #opening: string | undefined;
  readonly #shown = new ShownSession();
  readonly #selected = new vscode.EventEmitter<string>();
  /** Another session is shown. */
  readonly onDidSelect = this.#selected.event;

  constructor(options: ChatViewOptions) {
    this.#options = options;
    this.#held.add(vscode.window.registerWebviewViewProvider(ChatView.id, this));
    this.#held.add(options.gateway.onDidChange(() => this.#tellState()));
    this.#held.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#tellState()));
  }

  get visible(): boolean {
    return this.#view?.visible ?? false;
  }

  /** The session it shows. */
  get sessionKey(): string {
    return this.#shown.key;
  }

  /** Whether it shows this session, or is about to: it asks there. */
  async isShowing(sessionKey: string): Promise<boolean> {
    await this.#shown.known();
    return this.#opening === sessionKey || (this.visible && this.sessionKey === sessionKey);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri, gateway, answer, log } = this.#options;
    const root = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    const relay = new PanelRelay({
      post: (message) => void view.webview.postMessage(message),
      connect: () => gateway.connect("panel"),
      answer,
      onMessage: (message) => this.#hear(message),
      log,
    });
    this.#view = view;
    this.#relay = relay;
    this.#isReady = false;
    view.webview.options = { enableScripts: true, localResourceRoots: [root] };
    view.webview.onDidReceiveMessage((message: unknown) => relay.receive(message));
    if (view.visible) this.#shown.awaitPage();
    view.onDidChangeVisibility(() => {
      if (view.visible) return this.#shown.awaitPage();
      this.#shown.leave();
      this.#isReady = false;
      this.#opening = undefined;
      relay.disconnect();
    });
    view.onDidDispose(() => {
      relay.dispose();
      if (this.#view !== view) return;
      this.#shown.leave();
      this.#view = undefined;
      this.#relay = undefined;
      this.#isReady = false;
    });
    view.webview.html = this.#html(view.webview, root);
  }

  /** Shows a session and leaves the focus where it is, as the explorer does with a file. */
  async reveal(sessionKey: string): Promise<void> {
    if (!this.#view) return this.show(sessionKey);
    this.#tell({ type: "host", event: "open", sessionKey });
    this.#view.show(true);
  }

  /** Shows a message that was found, which the keyboard goes to. */
  async showFound(sessionKey: string, found: FoundAt): Promise<void> {
    this.#opening = sessionKey;
    this.#tell({ type: "host", event: "open", sessionKey, found });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  async show(sessionKey?: string): Promise<void> {
    if (sessionKey !== undefined) {
      this.#opening = sessionKey;
      this.#tell({ type: "host", event: "open", sessionKey });
    }
    this.#tell({ type: "host", event: "focus" });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  /** Shows what MCP servers ask, and lets the user answer. */
  async answer(): Promise<void> {
    this.#tell({ type: "host", event: "answer" });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  /** Puts text into the composer without sending it. */
  async prefill(text: string, attachments: Attachment[] = []): Promise<void> {
    this.#tell({ type: "host", event: "prefill", text, ...(attachments.length > 0 ? { attachments } : {}) });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  async attach(attachment: Attachment): Promise<void> {
    this.#tell({ type: "host", event: "attach", attachment });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  async mention(ref: ContextRef): Promise<void> {
    this.#tell({ type: "host", event: "mention", ref });
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
  }

  dispose(): void {
    this.#shown.leave();
    this.#relay?.dispose();
    this.#held.dispose();
  }

  #hear(message: PanelMessage): void {
    if (message.event === "selected") {
      this.#shown.say(message.sessionKey);
      this.#opening = undefined;
      this.#selected.fire(message.sessionKey);
      return;
    }
    this.#isReady = true;
    this.#tellState();
    for (const kept of this.#pending.splice(0)) this.#tell(kept);
  }

  #tell(message: HostMessage): void {
    // What is posted to a page that is not there yet is lost.
    if (this.#isReady) void this.#view?.webview.postMessage(message);
    else this.#pending.push(message);
  }

  #tellState(): void {
    if (!this.#isReady) return;
    const { state, details, message } = this.#options.gateway.status;
    const fault = faultSentence(toConfigFaults(details), editorTexts());
    const told = defined({ message: fault ?? message, isConfigFault: fault === undefined ? undefined : true });
    this.#tell({ type: "host", event: "gateway", state, folders: workspaceFolders(), ...told });
  }

  #html(webview: vscode.Webview, root: vscode.Uri): string {
    const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
    return panelHtml({
      script: uri("main.js"),
      styles: [uri("codicon.css"), uri("main.css")],
      cspSource: webview.cspSource,
      nonce: randomBytes(18).toString("base64url"),
      texts: editorLanguage(),
      title: vscode.l10n.t("Chat"),
    });
  }
}
