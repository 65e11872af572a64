import * as vscode from "vscode";
import type { Log } from "../../base/log.ts";
import type { McpServer } from "../../protocol/mcp.ts";
import { ListedTree } from "../trees/listedTree.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { toServerItem, toToolItem } from "./mcpItem.ts";

/** A server, or one of its tools. */
type McpNode = { server: string; tool?: string };

/** The tree of MCP servers, with their tools beneath. There only where servers are set up. */
export class McpView extends ListedTree<McpServer, McpNode> {
  constructor(gateway: Gateway, log: Log) {
    super(gateway, log, {
      view: "pincer.mcp",
      has: "pincer.hasMcpServers",
      failed: vscode.l10n.t("MCP servers could not be listed; the log says why."),
      list: async (client) => (await client.call("mcp.list", {})).servers,
    });
    this.held.add(
      gateway.onEvent((event) => {
        if (event.type === "mcp.changed") this.#take(event.server);
        // One that is gone tells nothing.
        if (event.type === "gateway.changed") void this.refresh();
      }),
    );
  }

  getChildren(node?: McpNode): McpNode[] {
    if (!node) return this.entries.map(({ name }) => ({ server: name }));
    if (node.tool !== undefined) return [];
    return (this.#find(node.server)?.tools ?? []).map(({ name }) => ({ server: node.server, tool: name }));
  }

  getTreeItem({ server, tool }: McpNode): vscode.TreeItem {
    const found = this.#find(server);
    const own = found?.tools.find(({ name }) => name === tool);
    if (own) return toToolItem(own);
    return found && tool === undefined ? toServerItem(found) : new vscode.TreeItem(tool ?? server);
  }

  #find(name: string): McpServer | undefined {
    return this.entries.find((server) => server.name === name);
  }

  #take(server: McpServer): void {
    const isKnown = this.#find(server.name) !== undefined;
    this.show(
      isKnown ? this.entries.map((one) => (one.name === server.name ? server : one)) : [...this.entries, server],
    );
  }
}
