import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { cutText, headOf } from "../base/cutText.ts";
import { defineTool, type ToolContext, type ToolResult } from "../core/ports/tool.ts";
import { backgroundCommands, type BackgroundCommand } from "./shell/backgroundCommands.ts";
import { startChild, type Child, type ChildOutcome } from "./shell/child.ts";
import { childEnv } from "./shell/childEnv.ts";
import { commandAsk } from "./shell/commandAsk.ts";
import { harmlessLine } from "./shell/harmless.ts";
import { shellCall, systemShell } from "./shell/shellCall.ts";

const DEFAULT_TIMEOUT_SECONDS = 120;

export const exec = defineTool({
  name: "exec",
  description: `Run a command in ${systemShell.name}, in the workspace folder. Nothing can be typed into it. background: for servers, returns an id at once; later id alone shows its output, with stop ends it. Background commands end with the gateway.`,
  input: z.object({
    command: z.string().max(20_000).optional(),
    timeoutSeconds: z.number().positive().max(3600).optional().describe("Default 120"),
    background: z.boolean().optional(),
    id: z.string().optional(),
    stop: z.boolean().optional(),
  }),
  effect: "exec",
  needsWorkspace: true,

  async prepare(input, context) {
    const { command, id, stop = false } = input;
    if (id !== undefined)
      return { touches: [], run: () => look(backgroundCommands.get(context.session.key, id), stop) };
    const line = needed(command);
    const ask = await commandAsk(line, context.workspace);
    // What may write may write anywhere in the folder.
    return {
      ask,
      touches: ask.safe ? [] : [context.workspace],
      run: (consent) => runLine(line, input, consent ? { ...context, consent } : context),
    };
  },
});

interface Input {
  timeoutSeconds?: number | undefined;
  background?: boolean | undefined;
}

async function runLine(
  asked: string,
  { timeoutSeconds, background = false }: Input,
  context: ToolContext,
): Promise<ToolResult> {
  const line = await lineToRun(asked, context);
  if (background) return await runInBackground(line, timeoutSeconds, context);
  const child = await start(line, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, context, (text) => context.progress(text));
  const outcome = await child.outcome;
  context.signal.throwIfAborted();
  return told(clean(child.output()), outcome, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
}

function needed(command: string | undefined): string {
  if (!command?.trim()) throw new AppError("bad_request", "There is no command to run");
  if (command.includes("\0")) throw new AppError("bad_request", "A command must not hold a NUL character");
  return command;
}

/** What runs unasked is what was judged: with its words quoted, and protected files left out. */
async function lineToRun(line: string, { consent, workspace }: ToolContext): Promise<string> {
  return consent === "harmless" ? ((await harmlessLine(line, workspace)) ?? refuse(line)) : line;
}

function refuse(line: string): never {
  throw new AppError("conflict", `The folder changed while ${headOf(line, 100)} was judged; try again`);
}

function start(
  line: string,
  timeoutSeconds: number | undefined,
  context: ToolContext,
  onOutput?: (text: string) => void,
): Promise<Child> {
  return startChild({
    ...shellCall(line),
    cwd: context.workspace,
    env: childEnv(context.workspace),
    signal: context.signal,
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
    ...(onOutput ? { onOutput } : {}),
  });
}

async function runInBackground(
  line: string,
  timeoutSeconds: number | undefined,
  context: ToolContext,
): Promise<ToolResult> {
  backgroundCommands.checkRoom(context.session.key);
  const child = await start(line, timeoutSeconds, context);
  const added = backgroundCommands.add(context.session.key, line, child);
  // What fails at once should be told at once.
  await Promise.race([child.outcome, new Promise((resolve) => setTimeout(resolve, 500))]);
  return await look(added, false);
}

async function look(one: BackgroundCommand, stop: boolean): Promise<ToolResult> {
  if (stop) await one.child.stop();
  const outcome = stop ? await one.child.outcome : one.outcome;
  const state = outcome ? "has ended" : `runs, pid ${one.child.pid}`;
  const output = clean(one.child.output());
  return {
    text: `${one.id} (${headOf(one.command, 100)}) ${state}\n${outcome ? told(output, outcome).text : output || "(no output yet)"}`,
  };
}

function told(output: string, outcome: ChildOutcome, timeoutSeconds?: number): ToolResult {
  const body = output === "" ? "(no output)" : output;
  const text = outcome.leftovers.length === 0 ? body : `${body}\n${leftoverLine(outcome.leftovers)}`;
  if (outcome.timedOut)
    return { text: `${text}\n[stopped after ${timeoutSeconds ?? "its"} seconds: time limit]`, isError: true };
  if (outcome.endedBy) return { text: `${text}\n[ended by ${outcome.endedBy}]`, isError: true };
  return outcome.exitCode === 0 ? { text } : { text: `${text}\n[exit code ${outcome.exitCode}]`, isError: true };
}

function leftoverLine(leftovers: string[]): string {
  const shown = leftovers.slice(0, 3).map((one) => cutText(one, 80));
  const more = leftovers.length > shown.length ? ` and ${leftovers.length - shown.length} more` : "";
  return `[still running when the command ended, so stopped too: ${shown.join(", ")}${more}; use background for what is to go on]`;
}

/** Without colours and other terminal codes, and of lines that rewrote themselves only the last state. */
function clean(output: string): string {
  return stripVTControlCharacters(output)
    .replaceAll("\r\n", "\n")
    .replace(/^.*\r(?=.)/gm, "")
    .trimEnd();
}
