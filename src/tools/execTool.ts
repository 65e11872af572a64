import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { headOf } from "../base/cutText.ts";
import { systemClock } from "../base/clock.ts";
import { defined } from "../base/defined.ts";
import { Emitter } from "../base/emitter.ts";
import { within } from "../base/wait.ts";
import { describeError } from "../base/log.ts";
import type { Prepared, Tool, ToolContext, ToolResult } from "../core/ports/tool.ts";
import type { NetworkGuardOptions } from "../net/networkGuard.ts";
import { HOST_PATTERN } from "../rules/hostPattern.ts";
import {
  boundsHint,
  commandBounds,
  isUnseen,
  type Need,
  lackedHosts,
  refusalLine,
  sandboxFor,
} from "./sandbox/commandBounds.ts";
import { type Bounds, confine, leaveUnbound } from "./sandbox/confine.ts";
import { findSandbox } from "./sandbox/findSandbox.ts";
import { visibleLine } from "../base/text/visible.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { watchMasks } from "./sandbox/maskWatch.ts";
import { MAX_PROCESSES, watchProcesses } from "./sandbox/processWatch.ts";
import { backgroundCommands, type BackgroundCommand } from "./shell/backgroundCommands.ts";
import { type Child, type ChildRequest, startChild } from "./shell/child.ts";
import { childEnv } from "../processes/childEnv.ts";
import { commandAsk } from "./shell/commandAsk.ts";
import { inputAsk, withInput } from "./shell/inputAsk.ts";
import { watchChanges } from "./search/changes/watchChanges.ts";
import { createSpool } from "./shell/spool.ts";
import { clean, told } from "./shell/commandResult.ts";
import { harmlessLine } from "./shell/harmless.ts";
import { namedFilesDigest } from "./shell/namedFiles.ts";
import { demandShellFolder, shellCall } from "./shell/shellCall.ts";
import { systemShell } from "../processes/systemShell.ts";

const DEFAULT_TIMEOUT_SECONDS = 120;
// As many as are kept in memory.
const SHOWN_CHARS = 30_000;
const READ_BYTES = 30_000;
// As typed at a terminal: Ctrl-D.
const END_OF_INPUT = "\u0004";

const execInput = z.object({
  command: z.string().max(20_000).optional(),
  timeoutSeconds: z.number().positive().max(3600).optional().describe("Default 120"),
  background: z.boolean().optional(),
  id: z.string().optional(),
  stop: z.boolean().optional(),
  input: z.string().max(100_000).optional(),
  offset: z.int().min(0).max(1e9).optional(),
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
    description: `Run a command in ${systemShell.name}, in the workspace folder. background: for servers, returns an id; id alone shows its output (timeoutSeconds: waits for more), with stop ends it, with input goes on if it began with input.`,
    input: execInput,
    effect: "exec",
    needsWorkspace: true,

    async prepare(input, context) {
      const { command, id } = input;
      // Some models fill in all that there is.
      if (id !== undefined && (id !== "" || !command?.trim())) return await prepareLook(id, input, context);
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
      const judged = before === "" ? asked : { ...asked, effects: [{ ...run!, before }, ...reached] };
      const ask = input.input ? await withInput(judged, input.input, context) : judged;
      return {
        ask,
        // What may write may write anywhere in the folder.
        touches: ask.safe ? [] : [context.workspace],
        run: async (consent) => {
          const bounds: Bounds =
            sandbox && policy
              ? commandBounds(line, consent, { ...need, policy })
              : { strength: "unbound", isUnseen: isUnseen(consent) };
          const own = consent ? { ...context, consent } : context;
          // Where nothing can be changed there is nothing to look for, and others may be at the files.
          const isReading = asked.safe || bounds.strength === "reading";
          return await runLine(line, input, { context: own, sandbox, bounds, resolve, isReading });
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
  /** It changes nothing. */
  isReading: boolean;
  resolve: NetworkGuardOptions["resolve"];
}

async function runLine(
  asked: string,
  { timeoutSeconds, background = false, input }: ExecInput,
  place: Place,
): Promise<ToolResult> {
  const { context } = place;
  const line = await lineToRun(asked, place);
  const given = defined({ input });
  if (background) return await runInBackground({ asked, line, ...given }, timeoutSeconds, place);
  const spool = createSpool(context.outputs, context.session.key, SHOWN_CHARS);
  const onOutput = (text: string) => {
    spool.add(text);
    context.progress(text);
  };
  const watch = place.isReading ? undefined : await watchChanges(context);
  const started = await start(line, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, place, { ...given, onOutput }).catch(
    async (error: unknown) => {
      await watch?.end();
      throw error;
    },
  );
  const { child, notes } = started;
  const outcome = await child.outcome;
  await watch?.end();
  await spool.close();
  context.signal.throwIfAborted();
  const result = told(clean(child.output()), outcome, timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  const noted = notes() + (started.isWithheld() ? "" : spool.note());
  const hint = result.isError && notes() === "" ? boundsHint(place.bounds, result.text) : "";
  return { ...result, text: result.text + noted + hint, ...defined({ lacked: started.lacked() }) };
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
  streams: Pick<ChildRequest, "onOutput" | "input" | "keepsInput">,
): Promise<Started> {
  const { workspace, allowLoopback } = context;
  const env = childEnv(workspace);
  const confined =
    bounds.strength === "unbound"
      ? await leaveUnbound(shellCall(line), bounds, { workspace, env })
      : await confine(shellCall(line, sandbox), bounds, {
          sandbox: sandbox!,
          workspace,
          env,
          guard: defined({ allowLoopback, resolve }),
        });
  const isBound = bounds.strength !== "unbound";
  const endsTree = isBound && sandbox?.endsTree === true;
  const { program, gate } = confined;
  try {
    const child = await startChild({
      ...program,
      cwd: workspace,
      env: confined.env,
      signal: context.signal,
      endsTree,
      ...streams,
      ...defined({ timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000 }),
    });
    let stopped = "";
    let settled = "";
    let isBared = false;
    const sawIt = (path: string): void => {
      isBared = true;
      stopped = bared(path);
    };
    const watches = [
      ...(isBound ? [watchProcesses(child.pid, () => (stopped = BOMB))] : []),
      ...(endsTree ? [watchMasks(child.pid, confined, workspace, sawIt, child.kill)] : []),
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
    return {
      child: { ...child, outcome, output: () => (isBared ? "" : child.output()) },
      notes,
      isWithheld: () => isBared,
      lacked: () => (gate ? lackedHosts(line, gate.refusals()) : undefined),
    };
  } catch (error) {
    await gate?.close();
    // It never ran.
    await confined.settle().catch(() => "");
    throw error;
  }
}

interface Started {
  child: Child;
  /** For the model: what its bounds did with it; "" for nothing. */
  notes(): string;
  /** Whether what it printed is told to nobody. */
  isWithheld(): boolean;
  /** What it was refused of the network that a grant would allow. */
  lacked(): string | undefined;
}

const bared = (path: string): string =>
  `\n[stopped: ${path} was replaced from outside while it ran, and the sandbox no longer kept the command from it; what it printed is withheld; run it again]`;

const insisted = (name: string): string =>
  `\n[stopped: it made ${visibleLine(name, 200)} again and again, which decides what code runs]`;

const BOMB = `\n[stopped: it had more than ${MAX_PROCESSES} processes at once]`;

async function runInBackground(
  { asked, line, input }: { asked: string; line: string; input?: string },
  timeoutSeconds: number | undefined,
  place: Place,
): Promise<ToolResult> {
  const { session, runId, workspace, outputs, keepCommand } = place.context;
  const printed = new Emitter<void>();
  let lacked = (): string | undefined => undefined;
  const about = { sessionKey: session.key, runId, workspace, command: asked, printed, lacked: () => lacked() };
  const spool = createSpool(outputs, session.key, SHOWN_CHARS);
  const onOutput = (text: string) => {
    spool.add(text);
    printed.emit();
  };
  const watch = place.isReading ? undefined : await watchChanges(place.context);
  const run = async (): Promise<Child> => {
    // Most end, or read on from their files, when there is no more input: it stays open where it is wanted.
    const given = input === undefined ? {} : { input, keepsInput: true };
    const started = await start(line, timeoutSeconds, place, { ...given, onOutput });
    const { child, notes, isWithheld } = started;
    lacked = started.lacked;
    const outcome = child.outcome.then(async (ended) => {
      await spool.close();
      await watch?.end(true);
      return ended;
    });
    const more = () => (isWithheld() ? "" : spool.note());
    return { ...child, outcome, output: () => child.output().trimEnd() + notes() + more() };
  };
  const added = await backgroundCommands.start(about, run, keepCommand).catch(async (error: unknown) => {
    await watch?.end(true);
    throw error;
  });
  // What fails at once should be told at once.
  await Promise.race([added.child.outcome, new Promise((resolve) => setTimeout(resolve, 500))]);
  return await look(added, {});
}

/** A call about a command that runs in the background, or about output that was kept. */
async function prepareLook(id: string, input: ExecInput, context: ToolContext): Promise<Prepared> {
  const { offset, input: text, stop } = input;
  if (!id.startsWith("bg")) return { touches: [], looks: true, run: () => readOn(id, offset ?? 0, context) };
  const found = () => {
    const one = backgroundCommands.get(context.session.key, id);
    if (input.command?.trim() && input.command !== one.command)
      throw new AppError(
        "bad_request",
        `${id} is another command: give a command to run it, or an id to look at that one`,
      );
    return one;
  };
  if (text === undefined || stop)
    return { touches: [], looks: !stop, run: async () => await look(found(), input, context.signal) };
  const one = found();
  return {
    ask: await inputAsk(one, text, context.commands),
    touches: [],
    async run() {
      const isTaken = text.endsWith(END_OF_INPUT)
        ? one.child.write(text.slice(0, -1)) && one.child.write(null)
        : one.child.write(text);
      if (isTaken) return await look(one, { timeoutSeconds: 1, ...input }, context.signal);
      const why = one.outcome ? "it has ended" : 'start it with input ("" for none yet)';
      throw new AppError("conflict", `${id} takes no input: ${why}`);
    },
  };
}

async function readOn(id: string, offset: number, { outputs, session }: ToolContext): Promise<ToolResult> {
  if (!outputs) throw new AppError("not_found", `Nothing is kept as ${id}`);
  const { text, end, total } = await outputs.read(session.key, id, offset, READ_BYTES);
  const more = end < total ? `; read on with offset ${end}` : "";
  return { text: `${clean(text)}\n[bytes ${offset}-${end} of ${total}${more}]` };
}

async function look(
  one: BackgroundCommand,
  { stop = false, timeoutSeconds = 0 }: Partial<ExecInput>,
  signal?: AbortSignal,
): Promise<ToolResult> {
  if (stop && !one.outcome) await one.child.stop();
  else if (!one.outcome && timeoutSeconds > 0) await change(one, timeoutSeconds, signal);
  const outcome = stop ? await one.child.outcome : one.outcome;
  const state = outcome ? "has ended" : `runs, pid ${one.child.pid}`;
  const output = clean(one.child.output());
  return {
    text: `${one.id} (${headOf(one.command, 100)}) ${state}\n${outcome ? told(output, outcome).text : output || "(no output yet)"}`,
    ...defined({ lacked: one.lacked() }),
  };
}

/** Resolves when it has printed something more, has ended, or the time is over. */
async function change(one: BackgroundCommand, seconds: number, signal?: AbortSignal): Promise<void> {
  const more = Promise.withResolvers<void>();
  const listening = one.printed.on(more.resolve);
  await within(systemClock, seconds * 1000, Promise.race([one.child.outcome, more.promise]), signal);
  listening.dispose();
  signal?.throwIfAborted();
}
