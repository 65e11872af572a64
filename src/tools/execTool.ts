import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { cutText, headOf } from "../base/cutText.ts";
import { defineTool, type ToolContext, type ToolResult } from "../core/ports/tool.ts";
import { boundsHint, commandBounds, sandboxFor } from "./sandbox/commandBounds.ts";
import { type Bounds, confine } from "./sandbox/confine.ts";
import { findSandbox } from "./sandbox/findSandbox.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { rulingNames, setAside } from "./sandbox/setAside.ts";
import { backgroundCommands, type BackgroundCommand } from "./shell/backgroundCommands.ts";
import { startChild, type Child, type ChildOutcome } from "./shell/child.ts";
import { childEnv } from "./shell/childEnv.ts";
import { commandAsk, protectedWord } from "./shell/commandAsk.ts";
import { harmlessLine } from "./shell/harmless.ts";
import { namedFilesDigest } from "./shell/namedFiles.ts";
import { shellCall } from "./shell/shellCall.ts";
import { systemShell } from "./shell/systemShell.ts";

const DEFAULT_TIMEOUT_SECONDS = 120;

export const exec = defineTool({
  name: "exec",
  description: `Run a command in ${systemShell.name}, in the workspace folder. Nothing can be typed into it. background: for servers, returns an id; id alone shows its output, with stop ends it. They end with the gateway.`,
  input: z.object({
    command: z.string().max(20_000).optional(),
    timeoutSeconds: z.number().positive().max(3600).optional().describe("Default 120"),
    background: z.boolean().optional(),
    id: z.string().optional(),
    stop: z.boolean().optional(),
    access: z
      .enum(["read", "write", "network", "machine"])
      .optional()
      .describe("More than reading: write, network, or machine (no sandbox); asks"),
  }),
  effect: "exec",
  needsWorkspace: true,

  async prepare(input, context) {
    const { command, id, stop = false } = input;
    if (id !== undefined)
      return { touches: [], run: () => look(backgroundCommands.get(context.session.key, id), stop) };
    const line = needed(command);
    // Who starts a server wants to reach it.
    const { access = input.background ? "network" : "read" } = input;
    const sandbox = sandboxFor(context.commands, await findSandbox());
    const asked = await commandAsk(line, context.workspace, { access, policy: context.commands, sandbox });
    // What it would run is part of what was shown: a script that changes while its command waits is another command.
    const before = asked.safe ? "" : await namedFilesDigest(line, context.workspace, context.files);
    const ask = before === "" ? asked : { ...asked, effects: [{ kind: "run" as const, place: line, before }] };
    return {
      ask,
      // What may write may write anywhere in the folder.
      touches: ask.safe ? [] : [context.workspace],
      run: async (consent) => {
        const { commands: policy } = context;
        const bounds: Bounds =
          sandbox && policy
            ? commandBounds(consent, {
                access,
                policy,
                isProtected: protectedWord(line, context.workspace) !== undefined,
              })
            : { strength: "unbound" };
        return await runLine(line, input, { context: consent ? { ...context, consent } : context, sandbox, bounds });
      },
    };
  },
});

interface Input {
  timeoutSeconds?: number | undefined;
  background?: boolean | undefined;
}

/** Where a line runs, and how far it may go there. */
interface Place {
  context: ToolContext;
  sandbox: Sandbox | undefined;
  bounds: Bounds;
}

async function runLine(
  asked: string,
  { timeoutSeconds, background = false }: Input,
  place: Place,
): Promise<ToolResult> {
  const { context, bounds } = place;
  const ruling = bounds.strength === "working" ? await rulingNames(context.workspace) : undefined;
  const line = await lineToRun(asked, place);
  if (background) return await runInBackground(line, timeoutSeconds, place);
  const child = await start(line, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, place, (text) => context.progress(text));
  const outcome = await child.outcome;
  const made = ruling ? await setAside(context.workspace, ruling) : [];
  context.signal.throwIfAborted();
  const result = told(clean(child.output()), outcome, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  const hint = result.isError ? boundsHint(bounds, result.text) : "";
  return { ...result, text: result.text + hint + setAsideLine(made) };
}

function setAsideLine(made: string[]): string {
  return made.length === 0
    ? ""
    : `\n[It made ${made.join(", ")}, which decides what code runs; each was renamed to NAME.set-aside-... until somebody wants it]`;
}

function needed(command: string | undefined): string {
  if (!command?.trim()) throw new AppError("bad_request", "There is no command to run");
  if (command.includes("\0")) throw new AppError("bad_request", "A command must not hold a NUL character");
  return command;
}

/** What runs unasked is what was judged: in the reading sandbox, or with its words quoted and protected files left out. */
async function lineToRun(line: string, place: Place): Promise<string> {
  const { consent, workspace } = place.context;
  if (consent !== "harmless") return line;
  const harmless = await harmlessLine(line, workspace);
  // There is nothing of git's to see in there.
  if (harmless !== undefined && /\bgit\b/.test(harmless)) place.bounds = { strength: "unbound" };
  return harmless ?? (place.bounds.strength === "reading" ? line : refuse(line));
}

function refuse(line: string): never {
  throw new AppError("conflict", `The folder changed while ${headOf(line, 100)} was judged; try again`);
}

async function start(
  line: string,
  timeoutSeconds: number | undefined,
  { context, sandbox, bounds }: Place,
  onOutput?: (text: string) => void,
): Promise<Child> {
  const { workspace } = context;
  const env = childEnv(workspace);
  const program =
    sandbox && bounds.strength !== "unbound"
      ? await confine(shellCall(line, sandbox), bounds, { sandbox, workspace, env })
      : shellCall(line);
  return await startChild({
    ...program,
    cwd: workspace,
    env,
    signal: context.signal,
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
    ...defined({ onOutput }),
  });
}

async function runInBackground(line: string, timeoutSeconds: number | undefined, place: Place): Promise<ToolResult> {
  const { key } = place.context.session;
  const added = await backgroundCommands.start(key, line, () => start(line, timeoutSeconds, place));
  // What fails at once should be told at once.
  await Promise.race([added.child.outcome, new Promise((resolve) => setTimeout(resolve, 500))]);
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
  const withLeft = outcome.leftovers.length === 0 ? body : `${body}\n${leftoverLine(outcome.leftovers)}`;
  const text = outcome.survivors.length === 0 ? withLeft : `${withLeft}\n${survivorLine(outcome.survivors)}`;
  if (outcome.timedOut)
    return { text: `${text}\n[stopped after ${timeoutSeconds ?? "its"} seconds: time limit]`, isError: true };
  if (outcome.endedBy) return { text: `${text}\n[ended by ${outcome.endedBy}]`, isError: true };
  if (outcome.survivors.length > 0) return { text, isError: true };
  return outcome.exitCode === 0 ? { text } : { text: `${text}\n[exit code ${outcome.exitCode}]`, isError: true };
}

function leftoverLine(leftovers: string[]): string {
  return `[still running when the command ended, so stopped too: ${some(leftovers)}; use background for what is to go on]`;
}

function survivorLine(survivors: string[]): string {
  return `[could not be stopped and still runs: ${some(survivors)}]`;
}

function some(commands: string[]): string {
  const shown = commands.slice(0, 3).map((one) => cutText(one, 80));
  return `${shown.join(", ")}${commands.length > shown.length ? ` and ${commands.length - shown.length} more` : ""}`;
}

/** Without colours and other terminal codes, and of lines that rewrote themselves only the last state. */
function clean(output: string): string {
  return stripVTControlCharacters(output)
    .replaceAll("\r\n", "\n")
    .replace(/^.*\r(?=.)/gm, "")
    .replace(CONTROLS, "")
    .trimEnd();
}

// What moves a cursor or rings a bell, and the NUL, for which some APIs refuse all that comes after it.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
