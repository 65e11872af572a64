import { readJsonBody } from "../../http/body.ts";
import { onAbort } from "../../../base/wait.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { callTool, listTools } from "./mcpTools.ts";
import { createRunningCalls } from "./runningCalls.ts";
import { tellProgress } from "./tellProgress.ts";

/**
 * POST /mcp: an MCP server over streamable HTTP. Every request stands for itself, so that there is no session that could
 * be lost, kept open for nothing, or used with another token.
 */
export function createMcpEndpoint(context: CompatContext): Endpoint {
  const running = createRunningCalls();
  return {
    path: "/mcp",
    name: "mcp",
    verbs: ["POST"],
    // What each tool needs is checked when it is called.
    scope: "read",
    async handle(exchange) {
      const body = (exchange.input = (await readJsonBody(exchange.request)) ?? {});
      exchange.detail = detailOf(body);
      if (body["method"] === "notifications/cancelled") running.cancel(exchange, requestIdOf(body));
      // Loaded by the first client that speaks it.
      const { createMcpHandler, Server } = await import("@modelcontextprotocol/server");
      const handler = createMcpHandler(() => {
        const server = new Server({ name: "pincer", version: context.version }, { capabilities: { tools: {} } });
        server.setRequestHandler("tools/list", async () => ({ tools: await listTools(context, exchange) }));
        server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
          const stop = new AbortController();
          const signal = AbortSignal.any([exchange.signal, mcpReq.signal, stop.signal]);
          const { _meta: meta } = mcpReq;
          const progressToken = meta?.progressToken;
          const call = running.add(exchange, mcpReq.id, stop);
          const telling =
            progressToken === undefined
              ? undefined
              : tellProgress(context.core.clock, (progress) =>
                  mcpReq.notify({
                    method: "notifications/progress",
                    params: { progressToken, progress, message: `At work for ${progress} s` },
                  }),
                );
          // Since the revision of 2026 a client stops a call by closing its request; before, it might only have lost it.
          const isStopped = () => stop.signal.aborted || (mcpReq.envelope !== undefined && exchange.gone.aborted);
          try {
            return await callTool(context, { ...exchange, signal }, { ...params, isStopped });
          } finally {
            telling?.dispose();
            call.dispose();
          }
        });
        return server;
      });
      const response = handler.fetch(toRequest(exchange), { parsedBody: body });
      // The response may be a stream: it is over when the client has it, or has gone.
      onAbort(exchange.gone, () => void handler.close());
      return response;
    },
  };
}

function requestIdOf({ params }: Record<string, unknown>): unknown {
  return typeof params === "object" && params !== null && "requestId" in params ? params.requestId : undefined;
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
