import { readJsonBody } from "../../http/body.ts";
import { isAppError } from "../../../base/appError.ts";
import { headOf } from "../../../base/cutText.ts";
import { onAbort } from "../../../base/wait.ts";
import type { Endpoint, Exchange } from "../../http/endpoint.ts";
import type { CompatContext } from "../compatContext.ts";
import { getPrompt, PROMPTS } from "./mcpPrompts.ts";
import { listResources, readResource, SESSION_TEMPLATE } from "./mcpResources.ts";
import { callTool, isTool, listTools } from "./mcpTools.ts";
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
      const body = (exchange.input = (await readJsonBody(exchange)) ?? {});
      exchange.detail = detailOf(body);
      if (body["method"] === "notifications/cancelled") running.cancel(exchange, requestIdOf(body));
      // Loaded by the first client that speaks it.
      const sdk = await import("@modelcontextprotocol/server");
      const { createMcpHandler, ProtocolError, ProtocolErrorCode, Server } = sdk;
      /** What names nothing that is there is a fault of the request, and not of what it asked for. */
      const found = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          if (!isAppError(error)) throw error;
          const { InvalidParams, InternalError } = ProtocolErrorCode;
          const isAsked = error.code === "not_found" || error.code === "bad_request";
          throw new ProtocolError(isAsked ? InvalidParams : InternalError, `${error.code}: ${error.message}`);
        }
      };
      const handler = createMcpHandler(() => {
        const server = new Server(
          { name: "pincer", version: context.version },
          { capabilities: { tools: {}, resources: {}, prompts: {} } },
        );
        server.setRequestHandler("resources/list", () =>
          found(listResources(context, exchange).then((resources) => ({ resources }))),
        );
        server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [SESSION_TEMPLATE] }));
        server.setRequestHandler("resources/read", async ({ params: { uri } }) => {
          const text = await found(readResource(context, exchange, uri));
          return { contents: [{ uri, mimeType: "text/markdown", text }] };
        });
        server.setRequestHandler("prompts/list", () => ({ prompts: PROMPTS }));
        server.setRequestHandler("prompts/get", ({ params }) => found(getPrompt(context, exchange, params)));
        server.setRequestHandler("tools/list", async () => ({ tools: await listTools(context, exchange) }));
        server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
          if (!isTool(context, params.name))
            throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${headOf(params.name, 100)}`);
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
