import type * as z from "zod";
import type { ApprovalSubject } from "../../protocol/approval.ts";
import type { Attachment, Origin, SystemMessage } from "../../protocol/message.ts";
import type { StoredSession } from "./storedSession.ts";
import type { Dialect } from "../../shell/shellLine.ts";
import type { KeptTexts } from "../../base/files/keptTexts.ts";
import type { Log } from "../../base/log.ts";
import type { Agent } from "./agent.ts";
import type { Browser } from "./browserPort.ts";
import type { FoundChanges } from "./checkpoints.ts";
import type { CodeKnowledge } from "./codeKnowledge.ts";
import type { CommandPolicy } from "./commandPolicy.ts";
import type { KeepCommand } from "./commandRows.ts";
import type { Files } from "./files.ts";

/** read: runs by itself, and again after a crash. The others ask first, by policy, and are never silently repeated. */
export type ToolEffect = "read" | "write" | "exec" | "network";

/** Something the agent can do. One file in tools/ each. */
export interface Tool<Input = unknown> {
  name: string;
  /** For the model: what it does and when to use it, in a few short sentences. */
  description: string;
  input: z.ZodType<Input>;
  /** What models are told of the input, where `input` does not say it. */
  inputSchema?: Record<string, unknown>;
  /** The MCP server that it belongs to. Where there are many tools these are not shown to a model until it has found them. */
  server?: string;
  effect: ToolEffect;
  /** Not offered in sessions without a workspace. */
  needsWorkspace?: boolean;
  /** Not shown to models where no editor of this process has the session's folder open. */
  needsEditor?: boolean;
  /** Whether it is there now, by the configuration; absent: always. */
  isOffered?(): boolean;
  /**
   * What this call would do, looked at and not done. May be asked for more than once; changes nothing. Throws an AppError
   * when the call cannot work.
   */
  prepare(input: Input, context: ToolContext): Promise<Prepared>;
}

/** A call that is ready to be made. */
export interface Prepared {
  /** What a user is asked before; undefined when there is nothing to ask. */
  ask?: ApprovalAsk | undefined;
  /**
   * What it may change: real paths, a folder for all that is in it; or other words for what is no file ("browser:main").
   * Calls that touch the same run one after another. [] when it changes nothing, or nothing that needs an order.
   */
  touches: string[];
  /** It changes nothing, though its tool can: it may be made while a plan is. What it leads to has no more rights than its run. */
  looks?: boolean;
  /** Real paths that it looks at without changing them: their folders' instructions are told. */
  looksAt?: string[];
  /**
   * The files' texts afterwards, null for those that are gone, when all of `touches` is foreseen: a later call of the same
   * answer is prepared on top of them, so that its question shows what will be there by then.
   */
  leaves?: ReadonlyMap<string, string | null>;
  /** Does exactly what `ask` says, or rejects with `conflict`. Is told what let it run, when anything had to. */
  run(consent?: Consent): Promise<ToolResult>;
}

/** A tool without a plan: it may ask, and then acts on its input. Whatever does more than look says what it asks. */
export type PlainTool<Input, Effect extends ToolEffect> = Omit<Tool<Input>, "prepare" | "effect"> & {
  effect: Effect;
  touches?(input: Input, context: ToolContext): string[];
  /** See Prepared. */
  looks?(input: Input): boolean;
  run(input: Input, context: ToolContext): Promise<ToolResult>;
} & (Effect extends "read" ? Partial<Asking<Input>> : Asking<Input>);

interface Asking<Input> {
  approval(input: Input, context: ToolContext): Promise<ApprovalAsk | undefined>;
}

export interface ApprovalAsk {
  /** One line that says exactly what will happen. */
  summary: string;
  subject: ApprovalSubject;
  reason: string;
  /** Parses as harmless inside the workspace: runs under `auto-safe`. */
  safe: boolean;
  /** Touches a protected path: asks even under `auto`, and is only ever allowed once. */
  protected: boolean;
  /** Goes further than the same call otherwise would: no earlier answer covers it, and its own covers no later one. */
  once?: true;
  /** What exactly is done to what, one entry per thing; what runs is held against it, and rules are about it. */
  effects?: AskedEffect[];
}

/**
 * One thing that an allowed call does. A rule or a remembered answer covers only effects of its own kind; "act", what a page of an
 * origin ("*": of nobody knows which) is told to do, is only ever denied by one.
 */
export interface AskedEffect {
  kind: "change" | "delete" | "run" | "read" | "connect" | "call" | "send" | "act";
  /** A real path, a command, an origin, a server and its tool ("github/list_issues"), or a channel and a chat ("telegram/123"). */
  place: string;
  /** Digests of a file's text before and after; null where there is no file. Of a call: of the tool as it is. */
  before?: string | null;
  after?: string | null;
  /** Of a command that is not written for a POSIX shell. */
  dialect?: Dialect;
}

/**
 * What let a call run: nothing had to, it is known to be harmless, the approval mode, a rule, what was allowed for the session,
 * or a person's word for this very call.
 */
export type Consent = "none" | "harmless" | "mode" | "rule" | "allowance" | "person";

export interface ToolContext {
  session: StoredSession;
  runId: string;
  callId: string;
  origin: Origin;
  /** Absolute real path of the session's folder; "" when it has none. */
  workspace: string;
  files: Files;
  /** For what a command changes, not through `files`; absent: nothing is kept. */
  changes?: FoundChanges;
  /** Absolute path of the folder with the user's own notes, in the state folder; absent: there are none. */
  ownMemory?: string;
  /** Aborts on cancel, time limit and shutdown; a tool is done, its children gone, within 2 s of it. */
  signal: AbortSignal;
  /** Set when the call runs, not when it is asked about. */
  consent?: Consent;
  /** How commands are kept within bounds; absent: they are not. */
  commands?: CommandPolicy;
  /** Whether servers of this machine may be asked for pages. */
  allowLoopback?: boolean;
  /** Shows output so far in the tool row. Not stored. */
  progress(text: string): void;
  log: Log;
  /** Sessions, jobs and sub-agents, for tools that drive the agent itself. Has no more rights than this run. */
  agent: Agent;
  /** Absent where no browser was put in. */
  browser?: Browser;
  /** Where output that is too long to be shown is kept; absent: nowhere. */
  outputs?: KeptTexts;
  /** Notes a command in the background, so that its end is known; absent: nobody waits for one. */
  keepCommand?: KeepCommand;
  /** What an editor knows of the code in the session's folder; absent where none has it open. */
  code?: CodeKnowledge;
}

export interface ToolResult {
  /** What the model reads. */
  text: string;
  isError?: boolean;
  /** Nothing was done, and why. */
  notRun?: "denied";
  /** Who let it run. Said of the call, not by the tool. */
  allowedBy?: string;
  /** What nobody was there to allow: all of the call, or what it was refused while it ran. */
  lacked?: string;
  images?: Attachment[];
  /** What the model is to know from now on, also once older messages are summed up: told behind the results, unless it was already. */
  tells?: SystemMessage;
}

/** Types a tool literal by its own schema. */
export function defineTool<Input, Effect extends ToolEffect>(
  tool: Tool<Input> | PlainTool<Input, Effect>,
): Tool<Input> {
  if ("prepare" in tool) return tool;
  const { approval, touches, looks, run, ...rest } = tool as PlainTool<Input, "read">;
  return {
    ...rest,
    prepare: async (input, context) => ({
      ask: await approval?.(input, context),
      touches: touches?.(input, context) ?? [],
      looks: looks?.(input) ?? false,
      run: (consent) => run(input, consent ? { ...context, consent } : context),
    }),
  };
}
