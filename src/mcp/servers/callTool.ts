import { AppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import type { ServerTool } from "../tools/listedTool.ts";
import type { ServerResult } from "../tools/resultText.ts";
import { wantsSignIn } from "../auth/authProvider.ts";
import { needSignIn, noteCall, type Server, withServer } from "./server.ts";

// Progress makes a call last longer, and not for ever.
const MOST_TIMES = 60;

/** Calls a tool of a server as it was when somebody was asked about it; `conflict` where it is another now. */
export async function callTool(
  server: Server,
  tool: ServerTool,
  input: Record<string, unknown>,
  { signal, progress }: Pick<ToolContext, "signal" | "progress">,
): Promise<ServerResult> {
  const timeout = server.settings.timeoutSeconds * 1000;
  mustBeSame(server, tool);
  return await withServer(server, signal, async ({ client }) => {
    // It may have told other tools when it was started for this.
    mustBeSame(server, tool);
    noteCall(server, tool);
    const limit = createLimit(server, timeout);
    try {
      return (await client.callTool(
        { name: tool.original, arguments: input },
        {
          signal: AbortSignal.any([signal, limit.late]),
          timeout: timeout * MOST_TIMES,
          onprogress(step) {
            limit.again();
            progress(progressText(step));
          },
        },
      )) as ServerResult;
    } catch (error) {
      signal.throwIfAborted();
      if (limit.late.aborted) throw givenUp(server, tool);
      return await toResult(error, server, tool);
    } finally {
      limit.dispose();
    }
  });
}

/** Ends a call that has given no sign for a while; that of the user, who is being asked something, is waited for. */
function createLimit(server: Server, ms: number): Disposable & { late: AbortSignal; again(): void } {
  const { clock } = server.parts;
  const late = new AbortController();
  let timer: Disposable | undefined;
  const again = () => {
    timer?.dispose();
    timer = clock.at(clock.now() + ms, () => (server.asking > 0 ? again() : late.abort()));
  };
  again();
  return { late: late.signal, again, dispose: () => timer?.dispose() };
}

function givenUp({ name, settings }: Server, { original }: ServerTool): AppError {
  const message = `The MCP server ${name} gave no answer to ${visibleLine(original)} for ${settings.timeoutSeconds} s, so it was given up: its effect is unknown`;
  return new AppError("timed_out", message);
}

function mustBeSame({ name, tools }: Server, { original, hash }: ServerTool): void {
  const now = tools.find((one) => one.original === original);
  if (now?.hash === hash) return;
  const what = now ? "describes it in other words or by another schema now" : "no longer has it";
  throw new AppError(
    "conflict",
    `${visibleLine(original)} was not called: the MCP server ${name} ${what}. Look at it again.`,
  );
}

function progressText({
  progress,
  total,
  message,
}: {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}): string {
  const count = total === undefined ? String(progress) : `${progress}/${total}`;
  return `${count}${message === undefined ? "" : ` ${visibleLine(message, 300)}`}\n`;
}

/** What the server itself says of a fault is its text; the rest is ours. */
async function toResult(error: unknown, server: Server, own: ServerTool): Promise<ServerResult> {
  const { name } = server;
  if (wantsSignIn(error)) throw needSignIn(server);
  const { computeScopeUnion, InsufficientScopeError, ProtocolError, SdkError, SdkErrorCode } =
    await import("@modelcontextprotocol/client");
  const tool = visibleLine(own.original);
  if (error instanceof InsufficientScopeError) {
    const { requiredScope, resourceMetadataUrl } = error;
    const scope = computeScopeUnion(server.account?.read().tokens?.scope, requiredScope);
    throw needSignIn(server, defined({ scope, resourceMetadataUrl }));
  }
  if (error instanceof ProtocolError)
    return { isError: true, content: [{ type: "text", text: `${error.message} (code ${error.code})` }] };
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) throw givenUp(server, own);
  if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
    throw new AppError("unavailable", `The MCP server ${name} ended during ${tool}: its effect is unknown`);
  const message = visibleLine(error instanceof Error ? error.message : String(error), 500);
  throw new AppError("unavailable", `The MCP server ${name} did not do ${tool}: ${message}`, { cause: error });
}
