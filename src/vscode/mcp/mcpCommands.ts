import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import { openOutside } from "../documents/openOutside.ts";
import type { Command } from "../host/command.ts";
import { withoutIcons } from "../host/plainText.ts";
import { importServers } from "./importServers.ts";
import { shareGateway } from "./shareGateway.ts";
import { needGateway } from "../host/window.ts";

export const mcpCommands: Record<string, Command> = {
  "pincer.importMcpServers": importServers,
  "pincer.addToMcpJson": shareGateway,

  async "pincer.restartMcpServer"(window, node) {
    const client = await needGateway(window);
    const server = client && (await serverOf(client, node));
    if (!server) return;
    const title = vscode.l10n.t("Starting {0}", server);
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
      client.call("mcp.restart", { server }),
    );
  },

  async "pincer.showMcpLog"(window, node) {
    const client = await needGateway(window);
    const server = client && (await serverOf(client, node));
    if (!server) return;
    const { lines } = await client.call("mcp.log", { server, lines: 500 });
    await window.documents.openText(`${server}.log`, lines.join("\n"));
  },

  async "pincer.signInMcpServer"(window, node) {
    const client = await needGateway(window);
    const server = client && (await serverOf(client, node));
    if (!server) return;
    const { url } = await client.call("mcp.signIn", { server });
    await openOutside(url);
  },

  async "pincer.signOutMcpServer"(window, node) {
    const client = await needGateway(window);
    const server = client && (await serverOf(client, node));
    if (!server) return;
    await client.call("mcp.signOut", { server });
    vscode.window.setStatusBarMessage(vscode.l10n.t("{0} is signed out", server), 3000);
  },
};

/** The server of a row, or the one that is chosen from a list. */
async function serverOf(client: RouteClient, node: unknown): Promise<string | undefined> {
  const given = (node as { server?: unknown } | undefined)?.server;
  if (typeof given === "string") return given;
  const { servers } = await client.call("mcp.list", {});
  const items = servers.map(({ name, state }) => ({ label: withoutIcons(name), description: state, name }));
  const title = vscode.l10n.t("Which MCP server");
  return (await vscode.window.showQuickPick(items, { title }))?.name;
}
