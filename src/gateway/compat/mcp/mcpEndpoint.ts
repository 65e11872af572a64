import { readJsonBody } from "../../http/body.ts";
import { onAbort } from "../../../base/wait.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { callTool, listTools } from "./mcpTools.ts";

/**
 * POST /mcp: an MCP server over streamable HTTP. Every request stands for itself, so that there is no session that could
 * be lost, kept open for nothing, or used with another token.
 */
export function createMcpEndpoint(context: CompatContext): Endpoint {
  return {
    path: "/mcp",
    name: "mcp",
    verbs: ["POST"],
    // What each tool needs is checked when it is called.
    scope: "read",
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange.request)) ?? {});
      exchange.detail = detailOf(body);
      // Loaded by the first client that speaks it.
      const { createMcpHandler, Server } = await import("@modelcontextprotocol/server");
      const handler = createMcpHandler(() => {
        const server = new Server({ name: "pincer", version: context.version }, { capabilities: { tools: {} } });
        server.setRequestHandler("tools/list", async () => ({ tools: await listTools(context, exchange) }));
        server.setRequestHandler("tools/call", ({ params }) => callTool(context, exchange, params));
        return server;
      });
      const response = handler.fetch(toRequest(exchange), { parsedBody: body });
      // The response may be a stream: it is over when the client has it, or has gone.
      onAbort(exchange.gone, () => void handler.close());
      return response;
    },
  };
}

function detailOf({ method, params }: Record<string, unknown>): string {
  const name = typeof params === "object" && params !== null && "name" in params ? params.name : undefined;
  return [method, name]
    .filter((part) => typeof part === "string")
    .join(" ")
    .slice(0, 150);
}

function toRequest({ headers, path, gone }: Exchange): Request {
  // The body was read and is given parsed; its length would be wrong here.
  const left = [...headers].filter(([name]) => !SKIPPED.has(name));
  return new Request(`http://localhost${path}`, { method: "POST", headers: left, body: "{}", signal: gone });
}

const SKIPPED = new Set(["content-length", "transfer-encoding", "connection", "host", "authorization", "expect"]);
