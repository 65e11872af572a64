import type { Client } from "@modelcontextprotocol/client";
import type { Io } from "../../terminal/io.ts";
import { isAppError } from "../../../base/appError.ts";
import { visibleLine } from "../../../base/text/visible.ts";
import { LONGEST_TIMER_MS } from "../../../base/wait.ts";
import type { GatewayAddress } from "../../../client/gatewayAddress.ts";
import { createMcpLink, refusalOf } from "./mcpLink.ts";
import { messageLines } from "./messageLines.ts";

/**
 * An MCP server on standard input and output, which hands on to the gateway that runs when it is asked: `find` says which, or
 * throws. Without one it goes on and says so to whoever asks. Resolves when its input ends.
 */
export async function serveMcp(io: Io, find: () => GatewayAddress, version: string): Promise<void> {
  const { ProtocolError, ProtocolErrorCode, Server } = await import("@modelcontextprotocol/server");
  const { serveStdio, StdioServerTransport } = await import("@modelcontextprotocol/server/stdio");
  const link = createMcpLink(find, version);
  const ask = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    try {
      return await link.use(work);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      throw new ProtocolError(ProtocolErrorCode.InternalError, whyNot(error));
    }
  };
  const ended = new Promise<void>((resolve) => io.stdin.once("end", resolve).once("close", resolve));
  const handle = serveStdio(
    () => {
      const server = new Server(
        { name: "pincer", version },
        { capabilities: { tools: {}, resources: {}, prompts: {} } },
      );
      server.setRequestHandler("tools/list", () => ask((client) => client.listTools()));
      server.setRequestHandler("resources/list", () => ask((client) => client.listResources()));
      server.setRequestHandler("resources/templates/list", () => ask((client) => client.listResourceTemplates()));
      server.setRequestHandler("resources/read", ({ params: { uri } }) =>
        ask((client) => client.readResource({ uri })),
      );
      server.setRequestHandler("prompts/list", () => ask((client) => client.listPrompts()));
      server.setRequestHandler("prompts/get", ({ params: { name, arguments: given } }) =>
        ask((client) => client.getPrompt({ name, ...(given ? { arguments: given } : {}) })),
      );
      server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
        const { _meta: meta } = mcpReq;
        const progressToken = meta?.progressToken;
        const call = { name: params.name, ...(params.arguments ? { arguments: params.arguments } : {}) };
        const onprogress = (told: { progress: number; total?: number | undefined; message?: string | undefined }) => {
          // Whoever asked may be gone.
          const { progress, message } = told;
          const more = message === undefined ? {} : { message };
          mcpReq
            .notify({ method: "notifications/progress", params: { progressToken: progressToken!, progress, ...more } })
            .catch(() => {});
        };
        const following = progressToken === undefined ? {} : { onprogress };
        try {
          // It lasts as long as what it asks for: whoever calls stops it.
          const how = { signal: mcpReq.signal, timeout: LONGEST_TIMER_MS, ...following };
          return await link.use((client) => client.callTool(call, how));
        } catch (error) {
          if (error instanceof ProtocolError || mcpReq.signal.aborted) throw error;
          // Told to the model, which can tell the user.
          return { content: [{ type: "text" as const, text: whyNot(error) }], isError: true };
        }
      });
      return server;
    },
    {
      transport: new StdioServerTransport(io.stdin.pipe(messageLines(io.stdout)), io.stdout),
      onerror: (error) => io.stderr.write(`pincer mcp serve: ${visibleLine(error.message, 300)}\n`),
    },
  );
  await ended;
  await handle.close();
  link.close();
}

function whyNot(error: unknown): string {
  const cause = isAppError(error) ? error : (error as Error).cause;
  if (isAppError(cause)) return cause.message;
  return refusalOf(error) ?? `The Pincer gateway did not answer: ${(error as Error).message}`;
}
