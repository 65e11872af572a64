import * as z from "zod";
import { isAppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { ToolCall, ToolMessage } from "../../protocol/message.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { ApprovalDesk } from "../permission/approvals.ts";
import type { Journal } from "../state/journal.ts";
import type { Agent } from "../ports/agent.ts";
import type { Browser } from "../ports/browserPort.ts";
import type { Files } from "../ports/files.ts";
import type { RealFolder } from "../ports/folders.ts";
import type { Tool, ToolContext, ToolResult } from "../ports/tool.ts";
import { headOf } from "../../base/cutText.ts";

// What a model gets to read of one result; the tools themselves cap lower and say how to read on.
const MAX_RESULT_CHARS = 100_000;

export interface ToolCallOptions {
  tools: Tool[];
  approvals: ApprovalDesk;
  files: Files;
  browser?: Browser;
  realFolder: RealFolder;
  clock: Clock;
  log: Log;
}

export interface CallContext {
  session: StoredSession;
  journal: Journal;
  agent: Agent;
  signal: AbortSignal;
  /** The call had begun when its gateway went away. */
  interrupted?: boolean;
}

/** Runs one call of the model from approval to stored result. Rejects only when the run ends or the store fails. */
export async function runToolCall(
  call: ToolCall,
  context: CallContext,
  options: ToolCallOptions,
): Promise<ToolMessage> {
  const { journal, signal } = context;
  const started = options.clock.now();
  const result = await attempt(call, context, options);
  signal.throwIfAborted();
  const durationMs = options.clock.now() - started;
  const message: ToolMessage = {
    role: "tool",
    callId: call.id,
    name: call.name,
    text: cap(result.text),
    isError: result.isError ?? false,
    ...(result.images ? { images: result.images } : {}),
    durationMs,
  };
  await journal.write([
    { type: "tool.finished", callId: call.id, name: call.name, isError: message.isError, durationMs },
    { type: "message", message },
  ]);
  return message;
}

async function attempt(call: ToolCall, context: CallContext, options: ToolCallOptions): Promise<ToolResult> {
  const { journal, session, signal } = context;
  const tool = options.tools.find((item) => item.name === call.name);
  if (!tool)
    return failure(
      `There is no tool named ${call.name}. There are: ${options.tools.map((item) => item.name).join(", ")}.`,
    );
  if (context.interrupted && tool.effect !== "read") {
    return failure("The gateway was interrupted during this call: its effect is unknown. Look before you repeat it.");
  }
  const input = tool.input.safeParse(call.input);
  if (!input.success) return failure(`The input of ${call.name} is not valid:\n${z.prettifyError(input.error)}`);
  const toolContext: ToolContext = {
    session,
    runId: journal.run.id,
    callId: call.id,
    origin: journal.run.origin,
    workspace: session.workspace === undefined ? "" : options.realFolder(session.workspace),
    files: options.files,
    signal,
    progress: (text) => journal.delta({ type: "tool.progress", callId: call.id, text }),
    log: options.log,
    agent: context.agent,
    ...(options.browser ? { browser: options.browser } : {}),
  };
  let running = false;
  try {
    const ask = await tool.approval?.(input.data, toolContext);
    if (ask) {
      const retry = await options.approvals.decide({ ask, call, cwd: toolContext.workspace, journal, signal });
      if (!retry.allowed) return failure(retry.reason);
      toolContext.consent = retry.consent;
    }
    await journal.write([{ type: "tool.started", callId: call.id, name: call.name, input: call.input }]);
    signal.throwIfAborted();
    running = true;
    return await tool.run(input.data, toolContext);
  } catch (error) {
    // The run's own end and a failing store are not for the model to read.
    if (signal.aborted) throw signal.reason;
    if (isAppError(error)) {
      // Before the tool runs, only the store is ever unavailable; what a tool finds so is for the model to read.
      if (error.code === "unavailable" && !running) throw error;
      return failure(error.message);
    }
    options.log.error(`Tool ${call.name} failed`, { runId: journal.run.id, error: describeError(error) });
    return failure(`${call.name} failed because of a fault inside the tool.`);
  }
}

function failure(text: string): ToolResult {
  return { text, isError: true };
}

function cap(text: string): string {
  if (text.length <= MAX_RESULT_CHARS) return text;
  return `${headOf(text, MAX_RESULT_CHARS)}\n[${text.length - MAX_RESULT_CHARS} more characters were cut]`;
}
