import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Core } from "../../core/core.ts";
import type { McpServers } from "../../core/ports/mcpServers.ts";
import { mcpServerName, mcpServerShape } from "../../protocol/mcp.ts";
import { defineRoute } from "../calls/route.ts";

export const mcpList = defineRoute({
  name: "mcp.list",
  verb: "GET",
  scope: "read",
  summary: "The MCP servers that are set up, how each is, and the tools that it has.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), servers: z.array(mcpServerShape) }),
  async handle(core) {
    const servers = core.servers?.list() ?? [];
    return { count: servers.length, servers };
  },
});

export const mcpLog = defineRoute({
  name: "mcp.log",
  verb: "GET",
  scope: "admin",
  summary: "What an MCP server has written to its standard error, and what happened to it; oldest first.",
  input: z.strictObject({ server: mcpServerName, lines: z.coerce.number().int().min(1).max(500).default(100) }),
  output: z.strictObject({ server: z.string(), lines: z.array(z.string()) }),
  async handle(core, { server, lines }) {
    return { server, lines: serversOf(core).log(server, lines) };
  },
});

export const mcpRestart = defineRoute({
  name: "mcp.restart",
  verb: "POST",
  scope: "admin",
  summary: "Ends an MCP server, forgets its faults and starts it; answers when it is ready or has failed.",
  input: z.strictObject({ server: mcpServerName }),
  output: z.strictObject({ server: mcpServerShape }),
  async handle(core, { server }) {
    return { server: await serversOf(core).restart(server) };
  },
});

function serversOf({ servers }: Core): McpServers {
  if (!servers) throw new AppError("not_found", "This gateway has no MCP servers");
  return servers;
}
