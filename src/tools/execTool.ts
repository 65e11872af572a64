import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { headOf } from "../base/cutText.ts";
import { defined } from "../base/defined.ts";
import { describeError } from "../base/log.ts";
import type { Tool, ToolContext, ToolResult } from "../core/ports/tool.ts";
import type { NetworkGuardOptions } from "../net/networkGuard.ts";
import { HOST_PATTERN } from "../rules/hostPattern.ts";
import { boundsHint, commandBounds, type Need, refusalLine, sandboxFor } from "./sandbox/commandBounds.ts";
import { type Bounds, confine, type Confined } from "./sandbox/confine.ts";
import { findSandbox } from "./sandbox/findSandbox.ts";
import { visibleLine } from "../base/text/visible.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { watchMasks } from "./sandbox/maskWatch.ts";
import { MAX_PROCESSES, watchProcesses } from "./sandbox/processWatch.ts";
import { backgroundCommands, type BackgroundCommand } from "./shell/backgroundCommands.ts";
import { startChild, type Child } from "./shell/child.ts";
import { childEnv } from "../processes/childEnv.ts";
import { commandAsk } from "./shell/commandAsk.ts";
import { clean, told } from "./shell/commandResult.ts";
import { harmlessLine } from "./shell/harmless.ts";
import { namedFilesDigest } from "./shell/namedFiles.ts";
import { demandShellFolder, shellCall } from "./shell/shellCall.ts";
import { systemShell } from "../processes/systemShell.ts";

const DEFAULT_TIMEOUT_SECONDS = 120;

const execInput = z.object({
  command: z.string().max(20_000).optional(),
  timeoutSeconds: z.number().positive().max(3600).optional().describe("Default 120"),
  background: z.boolean().optional(),
  id: z.string().optional(),
  stop: z.boolean().optional(),
  access: z
    .enum(["read", "write", "network", "machine"])
    .optional()
    .describe("More than reading: write, network, or machine (no sandbox); asks"),
  hosts: z
    .array(z.string().regex(HOST_PATTERN, 'A host is a name: "registry.npmjs.org", "*.example.org" or "*"'))
    .max(20)
    .optional()
    .describe("Only these of the network"),
});

type ExecInput = z.output<typeof execInput>;

/** The tool; names that a command may reach are looked up by `resolve`, by the system when not given. */
export function createExec({ resolve }: { resolve?: NetworkGuardOptions["resolve"] } = {}): Tool<ExecInput> {
  return {
    name: "exec",
    description: `Run a command in ${systemShell.name}, in the workspace folder, with no input. background: for servers, returns an id; id alone shows its output, with stop ends it.`,
    input: execInput,
    effect: "exec",
    needsWorkspace: true,

    async prepare(input, context) {
      const { command, id, stop = false } = input;
      if (id !== undefined)
        return { touches: [], run: () => look(backgroundCommands.get(context.session.key, id), stop) };
      const line = needed(command);
      demandShellFolder(context.workspace);
      const { commands: policy } = context;
      const need = needOf(input);
      const sandbox = sandboxFor(policy, await findSandbox());
      const asked = await commandAsk(line, context.workspace, {
        ...need,
        ...defined({ background: input.background }),
        policy,
        sandbox,
      });
      // What it would run is part of what was shown: a script that changes while its command waits is another command.
      const before = asked.safe ? "" : await namedFilesDigest(line, context.workspace, context.files);
      const [run, ...reached] = asked.effects!;
      const ask = before === "" ? asked : { ...asked, effects: [{ ...run!, before }, ...reached] };
      return {
        ask,
        // What may write may write anywhere in the folder.
        touches: ask.safe ? [] : [context.workspace],
        run: async (consent) => {
          const bounds: Bounds =
            sandbox && policy ? commandBounds(line, consent, { ...need, policy }) : { strength: "unbound" };
          const own = consent ? { ...context, consent } : context;
          return await runLine(line, input, { context: own, sandbox, bounds, resolve });
        },
      };
    },
  };
}

export const exec = createExec();

/** Who starts a server wants to reach it, and who names hosts, those. */
function needOf({ access, hosts = [], background }: ExecInput): Need {
  const isFar = hosts.length > 0 && access !== "machine";
  return { access: isFar ? "network" : (access ?? (background ? "network" : "read")), hosts };
}

/** Where a line runs, and how far it may go there. */
interface Place {
  context: ToolContext;
  sandbox: Sandbox | undefined;
  bounds: Bounds;
  resolve: NetworkGuardOptions["resolve"];
}

async function runLine(
  asked: string,
  { timeoutSeconds, background = false }: ExecInput,
  place: Place,
): Promise<ToolResult> {
  const { context } = place;
  const line = await lineToRun(asked, place);
  if (background) return await runInBackground({ asked, line }, timeoutSeconds, place);
  const { child, notes } = await start(line, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, place, (text) =>
    context.progress(text),
  );
  const outcome = await child.outcome;
  context.signal.throwIfAborted();
  const result = told(clean(child.output()), outcome, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  const noted = notes();
  const hint = result.isError && noted === "" ? boundsHint(place.bounds, result.text) : "";
  return { ...result, text: result.text + noted + hint };
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
  { context, sandbox, bounds, resolve }: Place,
  onOutput?: (text: string) => void,
): Promise<Started> {
  const { workspace, allowLoopback } = context;
  const env = childEnv(workspace);
  const plain = shellCall(line);
  const confined: Confined =
    sandbox && bounds.strength !== "unbound"
      ? await confine(shellCall(line, sandbox), bounds, {
          sandbox,
          workspace,
          env,
          guard: defined({ allowLoopback, resolve }),
        })
      : { program: plain, env, masked: [], mounts: 0, onInsisting: () => {}, settle: async () => "" };
  const { program, gate } = confined;
  try {
    const child = await startChild({
      ...program,
      cwd: workspace,
      env: confined.env,
      signal: context.signal,
      ...defined({ timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000, onOutput }),
    });
    if (confined.program === plain) return { child, notes: () => "" };
    let stopped = "";
    let settled = "";
    let isBared = false;
    const sawIt = (path: string): void => {
      isBared = true;
      stopped = bared(path);
    };
    const watches = [
      watchProcesses(child.pid, () => (stopped = BOMB)),
      ...(sandbox?.endsTree ? [watchMasks(child.pid, confined, workspace, sawIt)] : []),
    ];
    confined.onInsisting((name) => {
      stopped = insisted(name);
      void child.stop();
    });
    const outcome = child.outcome.then(async (ended) => {
      for (const watch of watches) watch.dispose();
      await gate?.close();
      settled = await confined.settle().catch((error: unknown) => {
        context.log.error("What a command made could not be looked at", { error: describeError(error) });
        return "\n[What it changed of what decides what code runs could not be looked at: tell the user]";
      });
      return ended;
    });
    const notes = () => stopped + (gate ? refusalLine(gate.refusals()) : "") + settled;
    // What it read in the moment before it was ended is not told on.
    return { child: { ...child, outcome, output: () => (isBared ? "" : child.output()) }, notes };
  } catch (error) {
    await gate?.close();
    throw error;
  }
}

interface Started {
  child: Child;
  /** For the model: what its bounds did with it; "" for nothing. */
  notes(): string;
}

const bared = (path: string): string =>
  `\n[stopped: ${path} was replaced from outside while it ran, and the sandbox no longer kept the command from it; what it printed is withheld; run it again]`;

const insisted = (name: string): string =>
  `\n[stopped: it made ${visibleLine(name, 200)} again and again, which decides what code runs]`;

const BOMB = `\n[stopped: it had more than ${MAX_PROCESSES} processes at once]`;

async function runInBackground(
  { asked, line }: { asked: string; line: string },
  timeoutSeconds: number | undefined,
  place: Place,
): Promise<ToolResult> {
  const { session, runId, workspace } = place.context;
  const about = { sessionKey: session.key, runId, workspace, command: asked };
  const added = await backgroundCommands.start(about, async () => {
    const { child, notes } = await start(line, timeoutSeconds, place);
    return { ...child, output: () => child.output() + notes() };
  });
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
