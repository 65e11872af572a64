import type * as z from "zod";
import type { ApprovalSubject } from "../../protocol/approval.ts";
import type { Attachment, Origin } from "../../protocol/message.ts";
import type { StoredSession } from "./storedSession.ts";
import type { Log } from "../../base/log.ts";
import type { Agent } from "./agent.ts";
import type { Browser } from "./browserPort.ts";
import type { Files } from "./files.ts";

/** read: runs by itself, and again after a crash. The others ask first, by policy, and are never silently repeated. */
export type ToolEffect = "read" | "write" | "exec" | "network";

/** Something the agent can do. One file in tools/ each. */
export interface Tool<Input = unknown> {
  name: string;
  /** For the model: what it does and when to use it, in a few short sentences. */
  description: string;
  input: z.ZodType<Input>;
  effect: ToolEffect;
  /** Not offered in sessions without a workspace. */
  needsWorkspace?: boolean;
  /**
   * What a user is asked before this call, or undefined when there is nothing to ask. Tools with an effect other
   * than "read" must give one. May look at files, changes nothing. Throws an AppError when the call cannot work.
   */
  approval?(input: Input, context: ToolContext): Promise<ApprovalAsk | undefined>;
  run(input: Input, context: ToolContext): Promise<ToolResult>;
}

export interface ApprovalAsk {
  /** One line that says exactly what will happen. */
  summary: string;
  subject: ApprovalSubject;
  reason: string;
  /** Parses as harmless inside the workspace: runs under `auto-safe`. */
  safe: boolean;
  /** Touches a protected path: asks even under `auto`, and is never remembered for a session. */
  protected: boolean;
  /** What "allow for this session" covers: later calls with the same scope, as in "edit" or "exec:npm test". */
  scope: string;
}

/**
 * What let a call run: nothing had to, it is known to be harmless, the approval mode, what was allowed for the session,
 * or a person's word for this very call.
 */
export type Consent = "none" | "harmless" | "mode" | "allowance" | "person";

export interface ToolContext {
  session: StoredSession;
  runId: string;
  callId: string;
  origin: Origin;
  /** Absolute real path of the session's folder; "" when it has none. */
  workspace: string;
  files: Files;
  /** Aborts on cancel, time limit and shutdown; a tool is done, its children gone, within 2 s of it. */
  signal: AbortSignal;
  /** Set when the call runs, not when it is asked about. */
  consent?: Consent;
  /** Shows output so far in the tool row. Not stored. */
  progress(text: string): void;
  log: Log;
  /** Sessions, jobs and sub-agents, for tools that drive the agent itself. Has no more rights than this run. */
  agent: Agent;
  /** Absent where no browser was put in. */
  browser?: Browser;
}

export interface ToolResult {
  /** What the model reads. */
  text: string;
  isError?: boolean;
  images?: Attachment[];
}

/** Types a tool literal by its own schema. */
export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool;
}
