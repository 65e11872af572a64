import * as z from "zod";
import { type AppError, isAppError } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import { headOf } from "../../../base/cutText.ts";
import type { KeptTexts } from "../../../base/files/keptTexts.ts";
import { fitInput } from "../../../base/input/fitInput.ts";
import { untrusted } from "../../../base/input/untrusted.ts";
import { describeError, type Log } from "../../../base/log.ts";
import { visible } from "../../../base/text/visible.ts";
import type { PathLanes } from "../../../base/turns/pathLanes.ts";
import type { RunFact } from "../../../protocol/event.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { SystemMessage, ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { StoredSession } from "../../ports/storedSession.ts";
import { type ModeInForce, modeInForce } from "../../permission/sessionMode.ts";
import type { ApprovalDesk } from "../../permission/approvals.ts";
import type { Journal } from "../../state/journal.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Browser } from "../../ports/browserPort.ts";
import type { CodeKnowledge } from "../../ports/codeKnowledge.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import type { CommandPolicy } from "../../ports/commandPolicy.ts";
import type { Files } from "../../ports/files.ts";
import type { KeepCommand } from "../../ports/commandRows.ts";
import type { Hooks } from "../../ports/outside/hooks.ts";
import type { RealFolder } from "../../ports/folders.ts";
import type { SettingsNow } from "../../ports/settings.ts";
import type { Tool, ToolContext, ToolResult } from "../../ports/tool.ts";
import { type CallEntry, CallOrder } from "./callOrder.ts";
import { type HookedCall, hooksAfter, hooksBefore } from "./hookedCall.ts";
import { isShutdown } from "../runStop.ts";
import { checkpointedFiles } from "./checkpointedFiles.ts";
import { makeCall, type ReadyCall } from "./makeCall.ts";
import { shownImages } from "./shownImages.ts";
import { defined } from "../../../base/defined.ts";

// What a model gets to read of one result; the tools themselves cap lower and say how to read on.
const MAX_RESULT_CHARS = 100_000;

export interface ToolCallOptions {
  tools: Tool[];
  approvals: ApprovalDesk;
  /** One at a time per file, for all sessions. */
  lanes: PathLanes;
  files: Files;
  checkpoints?: Checkpoints;
  realFolder: RealFolder;
  settings: SettingsNow;
  browser?: Browser;
  outputs?: KeptTexts;
  keepCommand?: KeepCommand;
  /** What an editor of this process knows of the code in a folder; absent: there is none. */
  code?: CodeKnowledge;
  clock: Clock;
  log: Log;
  /** Where the user's own notes are. */
  ownMemory?: string | undefined;
  /** What the user has called before and after tools; absent: nothing. */
  hooks?: Hooks | undefined;
}

export interface CallContext {
  session: StoredSession;
  journal: Journal;
  agent: Agent;
  signal: AbortSignal;
  /** Takes up the real paths that the calls look at or change. */
  places?: Set<string>;
  /** Takes up what the calls tell; absent: it stands in their results. */
  tells?: SystemMessage[];
  /** Calls, by id, that had begun when their gateway went away: how it went. */
  begun?: ReadonlyMap<string, "stopped" | "died">;
  /** Calls, by id, that the hooks had let pass before their gateway went away. */
  passed?: ReadonlySet<string>;
}

/**
 * Runs the calls of one answer from approval to stored result: side by side where none depends on another, and in their
 * order where one changes what another uses. Rejects only when the run ends or the store fails, and not before all are over.
 */
export async function runToolCalls(
  calls: ToolCall[],
  context: CallContext,
  options: ToolCallOptions,
): Promise<ToolMessage[]> {
  const order = new CallOrder();
  const running = calls.map((call) => {
    const entry = order.add(options.tools.find((tool) => tool.name === call.name)?.effect);
    return runToolCall(call, entry, context, options).finally(() => entry.end("failed"));
  });
  const results = await Promise.allSettled(running);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

async function runToolCall(
  call: ToolCall,
  entry: CallEntry,
  context: CallContext,
  options: ToolCallOptions,
): Promise<ToolMessage> {
  const { journal, signal } = context;
  const time: ReadyCall["time"] = {};
  const result = await attempt(call, entry, time, context, options);
  // What came to a good end before the stop reached it is known; of anything else nobody can tell.
  if (time.began === undefined || result.isError) signal.throwIfAborted();
  await options.approvals.close(journal, call.id);
  const now = options.clock.now();
  const durationMs = now - (time.began ?? now);
  const { images, lines } = shownImages(result.images);
  if (result.tells && context.tells) context.tells.push(result.tells);
  else if (result.tells) lines.push(result.tells.text);
  const message: ToolMessage = {
    role: "tool",
    callId: call.id,
    name: call.name,
    text: [cap(result.text), ...lines].join("\n"),
    isError: result.isError ?? false,
    ...(result.notRun ? { notRun: result.notRun } : {}),
    ...defined({ allowedBy: result.allowedBy }),
    ...defined({ lacked: result.lacked }),
    ...(images ? { images } : {}),
    durationMs,
  };
  await journal.write([
    { type: "tool.finished", callId: call.id, name: call.name, isError: message.isError, durationMs },
    { type: "message", message },
  ]);
  signal.throwIfAborted();
  if (time.began !== undefined) await hooksAfter(toHooked(call, context, options), message);
  return message;
}

async function attempt(
  call: ToolCall,
  entry: CallEntry,
  time: ReadyCall["time"],
  context: CallContext,
  options: ToolCallOptions,
): Promise<ToolResult> {
  const { journal, signal, begun } = context;
  const tool = options.tools.find((item) => item.name === call.name);
  if (!tool) {
    const own = options.tools.filter(({ server }) => server === undefined).map(({ name }) => name);
    return failure(`There is no tool named ${call.name}. There are: ${own.join(", ")}${serverTools(options.tools)}.`);
  }
  const before = begun?.get(call.id);
  if (before && tool.effect !== "read")
    return failure("The gateway was interrupted during this call: its effect is unknown. Look before you repeat it.");
  if (before === "died")
    return failure(
      "The gateway went down during this call, perhaps because of it, so it was not made again by itself.",
    );
  if (typeof call.input === "string") return failure(`The input of ${call.name} is ${brokenJson(call.input)}`);
  const input = fitInput(tool.input, call.input);
  if (!input.success) return failure(`The input of ${call.name} is not valid:\n${z.prettifyError(input.error)}`);
  const toolContext = toToolContext(call, context, options);
  const ready: ReadyCall = {
    call,
    tool,
    input: input.data,
    context: toolContext,
    entry,
    time,
    journal,
    places: context.places,
  };
  try {
    const isPassed = context.passed?.has(call.id) ?? false;
    const hooked = toHooked({ ...call, input: input.data }, context, options);
    const result = (isPassed ? undefined : await hooksBefore(hooked)) ?? (await makeCall(ready, options));
    entry.end(result.isError ? "failed" : "done");
    return result;
  } catch (error) {
    // The run's own end and a failing store are not for the model to read.
    if (signal.aborted) {
      if (time.began !== undefined && isShutdown(signal)) await journal.write([stoppedFact(call)]);
      throw signal.reason;
    }
    if (isAppError(error)) {
      // Before the tool runs, what is unavailable is the store; what a tool finds so, as a file that is held, is for the model to read.
      if (error.code === "unavailable" && time.began === undefined && error !== ready.fault) throw error;
      return failure(fromWorkspace(shownFault(call.name, error), toolContext.workspace));
    }
    options.log.error(`Tool ${call.name} failed`, { runId: journal.run.id, error: describeError(error) });
    return failure(`${call.name} failed because of a fault inside the tool.`);
  }
}

function serverTools(tools: Tool[]): string {
  const names = tools.filter(({ server }) => server !== undefined).map(({ name }) => name);
  if (names.length <= MOST_NAMED) return names.map((name) => `, ${name}`).join("");
  return `, and ${names.length} tools of servers`;
}

const MOST_NAMED = 20;

/** What is wrong with arguments that no provider could read, in the words of the parser. */
function brokenJson(json: string): string {
  try {
    JSON.parse(json);
    return `no JSON object: ${headOf(json, 200)}`;
  } catch (error) {
    return `not valid JSON: ${(error as Error).message}`;
  }
}

/** Tells the next gateway that the call ended with this one, and did not take it down. */
function stoppedFact(call: ToolCall): RunFact {
  return { type: "tool.finished", callId: call.id, name: call.name, isError: true, durationMs: 0 };
}

function toHooked(call: ToolCall, { session, journal, signal }: CallContext, options: ToolCallOptions): HookedCall {
  const folder = session.workspace === undefined ? "" : options.realFolder(session.workspace);
  return { hooks: options.hooks, call, journal, folder, signal, log: options.log };
}

function toToolContext(call: ToolCall, context: CallContext, options: ToolCallOptions): ToolContext {
  const { session, journal, signal } = context;
  const workspace = session.workspace === undefined ? "" : options.realFolder(session.workspace);
  return {
    session,
    runId: journal.run.id,
    callId: call.id,
    origin: journal.run.origin,
    workspace,
    ...keeping(journal.run, options),
    signal,
    progress: (text) => journal.delta({ type: "tool.progress", callId: call.id, text }),
    log: options.log,
    agent: context.agent,
    commands: {
      ...commandMode(modeInForce(options.settings(session.workspace), journal.session ?? session, journal.run)),
      ...options.approvals.given(journal),
      ...(journal.run.job?.rehearsal ? { rehearsed: true } : {}),
    },
    allowLoopback: options.settings().allowLoopback ?? false,
    ...defined({ ownMemory: options.ownMemory }),
    ...(options.browser ? { browser: options.browser } : {}),
    ...(options.outputs ? { outputs: options.outputs } : {}),
    ...(options.keepCommand ? { keepCommand: options.keepCommand } : {}),
    ...(options.code?.has(workspace) ? { code: options.code } : {}),
  };
}

/** While a plan is made no command counts as harmless for where it would run. */
function commandMode({ approvals, sandbox, plan }: ModeInForce): Pick<CommandPolicy, "approvals" | "sandbox"> {
  return { approvals: plan ? "ask" : approvals, sandbox };
}

/** The files, and what keeps them before they are changed. */
function keeping(
  { sessionKey, id: runId }: RunRecord,
  { files, checkpoints, settings }: ToolCallOptions,
): Pick<ToolContext, "files" | "changes"> {
  if (!checkpoints || settings().checkpoints === false) return { files };
  const run = { sessionKey, runId };
  return { files: checkpointedFiles(files, checkpoints, run), changes: checkpoints.findings(run) };
}

/** The message of an error; what it quotes from outside stands below it, marked. */
function shownFault(source: string, { message, outside = "" }: AppError): string {
  if (outside === "") return message;
  return `${message.replace(outside, () => "[from outside, see below]")}\n${untrusted(source, visible(outside))}`;
}

/** A message with paths as the model writes them. */
function fromWorkspace(message: string, workspace: string): string {
  if (workspace.length < 2) return message;
  return message.replaceAll(`${workspace}/`, "").replaceAll(`${workspace}\\`, "");
}

function failure(text: string): ToolResult {
  return { text, isError: true };
}

function cap(text: string): string {
  if (text.length <= MAX_RESULT_CHARS) return text;
  return `${headOf(text, MAX_RESULT_CHARS)}\n[${text.length - MAX_RESULT_CHARS} more characters were cut]`;
}
