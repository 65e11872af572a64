import * as vscode from "vscode";
import type { Gateway } from "./windowGateway.ts";

const PROVIDER_ID = "pincer.gateway";

/** Offers the gateway to the editor's other agents as an MCP server, for as long as it runs. */
export function registerMcpProvider(gateway: Gateway, version: string): vscode.Disposable {
  const changes = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition> = {
    onDidChangeMcpServerDefinitions: changes.event,
    provideMcpServerDefinitions() {
      const { state, url } = gateway.status;
      if (state !== "running" || !url) return [];
      return [new vscode.McpHttpServerDefinition("Pincer", vscode.Uri.parse(`${url}/mcp`), {}, version)];
    },
    // The token is given only when the server is about to be used.
    resolveMcpServerDefinition(server) {
      const { app } = gateway;
      if (!app) return undefined;
      server.headers = { Authorization: `Bearer ${app.token()}` };
      return server;
    },
  };
  let told: string | undefined;
  const watch = gateway.onDidChange(() => {
    const { state, url } = gateway.status;
    const now = state === "running" ? url : undefined;
    if (now === told) return;
    told = now;
    changes.fire();
  });
  return vscode.Disposable.from(
    changes,
    vscode.Disposable.from(watch),
    vscode.lm.registerMcpServerDefinitionProvider(PROVIDER_ID, provider),
  );
}
