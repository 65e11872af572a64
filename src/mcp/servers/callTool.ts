import { AppError, isAppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { LONGEST_TIMER_MS } from "../../base/wait.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import type { ServerTool } from "../tools/listedTool.ts";
import type { ServerResult } from "../tools/resultText.ts";
import { NotRenewed, wantsSignIn } from "../auth/authProvider.ts";
import { NO_ANSWER } from "../wire/answeringWire.ts";
import { faultWords, serverFault } from "../wire/faultWords.ts";
import { asPartOf, type CallUnderWay } from "./callsUnderWay.ts";
import { askForPages, neededPages } from "./neededPages.ts";
import type { Connection } from "./openServer.ts";
import { askAnew } from "./askAnew.ts";
import { needSignIn, noteCall, type Server } from "./server.ts";

// Progress makes a call last longer, and not for ever.
const MOST_TIMES = 60;

/** Calls a tool of a server as it was when somebody was asked about it; `conflict` where it is another now. */
export async function callTool(
  server: Server,
  tool: ServerTool,
  input: Record<string, unknown>,
  { signal, progress, session }: Pick<ToolContext, "signal" | "progress" | "session">,
): Promise<ServerResult> {
  mustBeSame(server, tool);
  const { key: sessionKey } = session;
  const underWay: CallUnderWay = { sessionKey, tool: tool.original, over: new AbortController(), asking: 0 };
  const made = { server, tool, input, signal, progress, underWay };
  server.underWay.add(underWay);
  try {
    return await askAnew(server, signal, async (connection, isAgain) => {
      try {
        return await callOnce(connection, made);
      } catch (error) {
        if (!isAgain && connection.isForgotten(error)) throw error;
        return await toResult(error, made);
      }
    });
  } finally {
    server.underWay.delete(underWay);
    underWay.over.abort();
  }
}

interface Call extends Pick<ToolContext, "signal" | "progress"> {
  underWay: CallUnderWay;
  server: Server;
  tool: ServerTool;
  input: Record<string, unknown>;
}

async function callOnce(
  connection: Connection,
  { server, tool, input, signal, progress, underWay }: Call,
): Promise<ServerResult> {
  const timeout = server.settings.timeoutSeconds * 1000;
  // It may have told other tools when it was started for this.
  mustBeSame(server, tool);
  noteCall(server, tool);
  const limit = createLimit(server, underWay, timeout);
  try {
    const options = {
      signal: AbortSignal.any([signal, limit.late]),
      timeout: Math.min(timeout * MOST_TIMES, LONGEST_TIMER_MS),
      onprogress(step: Step) {
        limit.again();
        progress(progressText(step));
      },
    };
    const call = () => connection.client.callTool({ name: tool.original, arguments: input }, options);
    return (await asPartOf(underWay, call)) as ServerResult;
  } catch (error) {
    throw limit.late.aborted && !signal.aborted ? givenUp(server, tool) : error;
  } finally {
    limit.dispose();
  }
}

/** Ends a call that has given no sign for a while; that of the user, who is being asked something, is waited for. */
function createLimit(
  { parts }: Server,
  underWay: CallUnderWay,
  ms: number,
): Disposable & { late: AbortSignal; again(): void } {
  const { clock } = parts;
  const late = new AbortController();
  let timer: Disposable | undefined;
  const again = () => {
    timer?.dispose();
    timer = clock.at(clock.now() + ms, () => (underWay.asking > 0 ? again() : late.abort()));
  };
  again();
  underWay.answered = again;
  const dispose = () => {
    delete underWay.answered;
    timer?.dispose();
  };
  return { late: late.signal, again, dispose };
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

interface Step {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

function progressText({ progress, total, message }: Step): string {
  const count = total === undefined ? String(progress) : `${progress}/${total}`;
  return `${count}${message === undefined ? "" : ` ${visibleLine(message, 300)}`}\n`;
}

// A call that was given up, and one of what is another tool now.
const OURS = new Set(["timed_out", "conflict"]);

/** What the server itself says of a fault is its text; the rest is ours. */
async function toResult(error: unknown, { server, tool: own, signal, underWay }: Call): Promise<ServerResult> {
  const { name } = server;
  signal.throwIfAborted();
  if (isAppError(error) && OURS.has(error.code)) throw error;
  if (wantsSignIn(error)) throw needSignIn(server);
  const { computeScopeUnion, InsufficientScopeError, ProtocolError, SdkError, SdkErrorCode } =
    await import("@modelcontextprotocol/client");
  const tool = visibleLine(own.original);
  if (error instanceof InsufficientScopeError) {
    const { requiredScope, resourceMetadataUrl } = error;
    const scope = computeScopeUnion((await server.account?.read())?.tokens?.scope, requiredScope);
    throw needSignIn(server, { challenge: defined({ scope, resourceMetadataUrl }) });
  }
  if (error instanceof ProtocolError && error.code === NO_ANSWER) throw unknownEffect(server, own, error.message);
  const pages = neededPages(error);
  if (pages) return await askForPages(server, pages, { underWay, signal });
  if (error instanceof ProtocolError)
    return { isError: true, content: [{ type: "text", text: `${error.message} (code ${error.code})` }] };
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) throw givenUp(server, own);
  if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
    throw new AppError("unavailable", `The MCP server ${name} ended during ${tool}: its effect is unknown`);
  if (!isUndone(error)) throw unknownEffect(server, own, faultWords(error));
  throw serverFault(`The MCP server ${name} did not do ${tool}`, faultWords(error), { cause: error });
}

/** Whether a fault says that nothing was done: it was refused, or never reached anybody. */
function isUndone(error: unknown): boolean {
  const { status, cause, code } = error as { status?: unknown; cause?: unknown; code?: unknown };
  if (error instanceof NotRenewed) return true;
  if (typeof status === "number") return status >= 400 && status < 500;
  return UNREACHED.has(String(code)) || (cause instanceof Error && isUndone(cause));
}

const UNREACHED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** It was called, so that it is not called again without thought. */
function unknownEffect({ name }: Server, { original }: ServerTool, why: string): AppError {
  return serverFault(
    `The MCP server ${name} was asked for ${visibleLine(original)}, and what came of it is unknown`,
    why,
  );
}
