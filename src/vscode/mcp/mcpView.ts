import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { McpServer } from "../../protocol/mcp.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { toServerItem, toToolItem } from "./mcpItem.ts";

/** A server, or one of its tools. */
type McpNode = { server: string; tool?: string };

/** The tree of MCP servers, with their tools beneath. There only where servers are set up. */
export class McpView implements vscode.TreeDataProvider<McpNode>, vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #view: vscode.TreeView<McpNode>;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #held = new Disposables();
  readonly onDidChangeTreeData = this.#changes.event;
  #servers: McpServer[] = [];

  constructor(gateway: Gateway, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
    this.#view = this.#held.add(vscode.window.createTreeView("pincer.mcp", { treeDataProvider: this }));
    this.#held.add(gateway.onDidChange(() => void this.refresh()));
    this.#held.add(
      gateway.onEvent((event) => {
        if (event.type === "mcp.changed") this.#take(event.server);
        // One that is gone tells nothing.
        if (event.type === "gateway.changed") void this.refresh();
      }),
    );
  }

  async refresh(): Promise<void> {
    try {
      const isRunning = this.#gateway.status.state === "running";
      this.#servers = isRunning ? (await this.#gateway.client().call("mcp.list", {})).servers : [];
      this.#view.message = undefined;
    } catch (error) {
      this.#log.warn(`MCP servers could not be listed: ${describeError(error)}`);
      this.#view.message = vscode.l10n.t("MCP servers could not be listed; the log says why.");
    }
    this.#draw();
  }

  getChildren(node?: McpNode): McpNode[] {
    if (!node) return this.#servers.map(({ name }) => ({ server: name }));
    if (node.tool !== undefined) return [];
    return (this.#find(node.server)?.tools ?? []).map(({ name }) => ({ server: node.server, tool: name }));
  }

  getTreeItem({ server, tool }: McpNode): vscode.TreeItem {
    const found = this.#find(server);
    const own = found?.tools.find(({ name }) => name === tool);
    if (own) return toToolItem(own);
    return found && tool === undefined ? toServerItem(found) : new vscode.TreeItem(tool ?? server);
  }

  dispose(): void {
    this.#held.dispose();
    this.#changes.dispose();
  }

  #find(name: string): McpServer | undefined {
    return this.#servers.find((server) => server.name === name);
  }

  #take(server: McpServer): void {
    const isKnown = this.#find(server.name) !== undefined;
    this.#servers = isKnown
      ? this.#servers.map((one) => (one.name === server.name ? server : one))
      : [...this.#servers, server];
    this.#draw();
  }

  #draw(): void {
    void vscode.commands.executeCommand("setContext", "pincer.hasMcpServers", this.#servers.length > 0);
    this.#changes.fire(undefined);
  }
}
