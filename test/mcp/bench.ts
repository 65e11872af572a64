import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Vault } from "../../src/core/ports/host.ts";
import type { Tool, ToolResult } from "../../src/core/ports/tool.ts";
import { createMcpServers, type RunningServers } from "../../src/mcp/createMcpServers.ts";
import type { ServerSettings } from "../../src/mcp/servers/serverSettings.ts";
import { toolContext } from "../tools/toolContext.ts";

const FAKE = join(import.meta.dirname, "../fakes/mcpServer.ts");

/** The fake server as a configuration sets it up. */
export function fake(mode: object = {}, more: Partial<ServerSettings> = {}): ServerSettings {
  return {
    command: process.execPath,
    args: ["--no-warnings", FAKE, JSON.stringify(mode)],
    env: {},
    headers: {},
    tools: { deny: [] },
    timeoutSeconds: 20,
    enabled: true,
    ...more,
  };
}

export interface McpBench {
  servers: RunningServers;
  settings: Record<string, ServerSettings>;
  stateDir: string;
  tool(name: string): Tool;
  /** Prepares a call as if it were allowed, and makes it. */
  call(
    name: string,
    input?: object,
    more?: { signal?: AbortSignal; progress?: (text: string) => void },
  ): Promise<ToolResult>;
  /** Others over the same folder, as after a restart. */
  again(): McpBench;
}

export function openMcpBench(
  settings: Record<string, ServerSettings>,
  more: { idleMs?: number; settleMs?: number; clock?: Clock; stateDir?: string; vault?: Vault } = {},
): McpBench {
  const stateDir = more.stateDir ?? mkdtempSync(join(tmpdir(), "pincer-mcp-"));
  const servers = createMcpServers({
    settings: () => settings,
    workspaces: () => [],
    version: "0.0.0",
    clock: systemClock,
    log: silentLog,
    // However long a busy machine takes to start it.
    settleMs: 60_000,
    ...more,
    stateDir,
  });
  onTestFinished(async () => {
    await servers.close();
    rmSync(stateDir, { recursive: true, force: true });
  });
  const tool = (name: string) => {
    const found = servers.tools().find((one) => one.name === name);
    if (!found) throw new Error(`No tool ${name}; there are ${servers.tools().map((one) => one.name)}`);
    return found;
  };
  return {
    servers,
    settings,
    stateDir,
    tool,
    async call(name, input = {}, context = {}) {
      const prepared = await tool(name).prepare(input, { ...toolContext(""), ...context });
      return await prepared.run();
    },
    again: () => openMcpBench(settings, { ...more, stateDir }),
  };
}

export const never = new AbortController().signal;
