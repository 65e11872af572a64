import type { Effort } from "./context/agentPart.ts";
import * as z from "zod";
import type { ClientAnswer, ClientTools, Sampling } from "./clientTools.ts";
import { errorShape } from "./error.ts";
import {
  type Attachment,
  type Origin,
  originShape,
  type SystemMessage,
  toolCallShape,
  type UserMessage,
} from "./message.ts";
import type { UsedPrompt } from "./context/prompt.ts";
import type { ReplyForm } from "./replyForm.ts";
import type { Rule } from "./rule.ts";
import { type Usage, usageShape } from "./usage.ts";

/** The one request every door ends in. Without a sessionKey it makes a new isolated session. */
export interface SendRequest {
  text: string;
  origin: Origin;
  attachments?: Attachment[];
  /** What it says to the model, where it was sent by the name of a prompt: `text` is what was typed. */
  prompt?: UsedPrompt;
  sessionKey?: string;
  /** Of the session this request makes, from the door's own namespace; made up by default. */
  newKey?: string;
  parentKey?: string;
  /** Title of a session this request makes. */
  label?: string;
  /** Of a session this request makes; null: none. Absent: its parent's, or else the first of the gateway's. */
  workspace?: string | null;
  /** Of a session this request makes: it works in a git worktree of its own, of that folder. */
  worktree?: boolean;
  /** Of a session this request makes: the tools it has of its parent's; all when not given. */
  tools?: string[];
  /** Of a session this request makes: the part it has. */
  agent?: { name: string; instructions: string; effort?: Effort };
  /** For this run only, unless the request makes the session. */
  model?: string;
  /** The run may only look: its reply is a plan, which a person accepts or not. */
  plan?: boolean;
  /** The plan that it carries out. `endsMode`: a session that was only let plan is as configured from here on; else `forbidden` there. */
  accepts?: { plan: string; endsMode: boolean };
  /** Limit of the whole run; passing it ends the run as `timed_out`. */
  timeoutMs?: number;
  /** What the reply is to be; text when not given. */
  form?: ReplyForm;
  clientTools?: ClientTools;
  /** For the calls that the session waits with: of all of them. They come before `text`, which may be empty then. */
  answers?: ClientAnswer[];
  sampling?: Sampling;
  /** The client's own notes on its request, to be given back with the answer. */
  metadata?: Record<string, string>;
  /** Ceilings of the run and its sub-agents, where they are lower than the configured ones. */
  budgetUsd?: number;
  budgetTokens?: number;
  /** What the run may do unasked besides what the configuration allows. */
  grants?: Rule[];
  /** What whoever started it may do: further lists that must allow it, too. */
  within?: Rule[][];
  /** Whether anybody can be asked; true when not given. */
  attended?: boolean;
  /** See RunRecord. */
  job?: JobWork;
  chargedTo?: string;
  /** Puts the text in as a system event instead of a user message. */
  asEvent?: boolean;
  /** The run whose tool sends it. */
  sentBy?: Pick<RunRecord, "id" | "place"> & Partial<Pick<RunRecord, "spawn" | "model" | "chargedTo" | "plan">>;
  /** Its result goes to the session `parentKey` as a message. */
  reports?: { detached?: boolean };
  /** Of a session this request makes: it is deleted when the run has ended, and nothing else is left to do in it and below it. */
  cleanup?: true;
  /** See RunRecord. */
  joins?: RunRecord["joins"];
  spawn?: Spawn;
  continues?: string;
}

/** What a run does for a job. */
export interface JobWork {
  id: string;
  /** Digest of what the job was then: its payload, its folder and its model. */
  of: string;
  /** A person watches it do what it would do by itself. */
  rehearsal?: Rehearsing;
}

export interface Rehearsing {
  /** Of a job with a condition: whether it held, and what it would lack. */
  condition?: { command: string; unmet?: string; grants?: Rule[] };
  /** Its result goes where those of firings go. */
  deliver?: true;
}

/** What a run was spawned for: to bring a result to another session, when all that goes on for it has ended. */
export interface Spawn {
  /** Id of its first run. Runs that go on with it have the same. */
  id: string;
  /** Key of the session that the result goes to. */
  to: string;
  /** What that session's model was then. */
  model: string;
  /** The run that spawned it; absent where a client did. */
  by?: string;
  /** The spawn that this one works for: it does not end before this one. */
  under?: string;
  /** Goes on when those it works for are stopped. */
  detached?: true;
}

/** Where a run stands in the tree of runs that one message led to. */
export interface RunPlace {
  /** Id of the run that began the tree; absent where a client spawned it under a session. */
  root?: string;
  /** Messages from run to run since then: 1 for what the first run sent. */
  chain: number;
  /** Of a sub-agent: the session that its tree of sessions hangs from. */
  top?: string;
  /** Of a sub-agent: how far below `top` its session is, from 1 on. */
  depth?: number;
}

/** Ceilings of a tree of runs, where no file says otherwise. */
export const TREE_LIMITS = { depth: 4, running: 16, runs: 200, chain: 20 };

const lower = "of this run with its sub-agents, where it is lower than the configured one.";

/** Ceilings that a request may set for its run. */
export const budgetFields = {
  budgetUsd: z.number().min(0).optional().describe(`Ceiling in US dollars ${lower}`),
  budgetTokens: z.int().min(0).optional().describe(`Ceiling in tokens ${lower}`),
};

/** How a run ended. `interrupted` is a run that could not be resumed after its gateway went away. */
export const outcomeShape = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("done"),
    reply: z.string(),
    result: z.unknown().optional().describe("The value that it is, where a schema was given for it."),
    calls: z
      .array(toolCallShape)
      .optional()
      .describe(
        "Calls of tools that the client runs: the session waits for their results, and a next run brings them.",
      ),
    joined: z
      .string()
      .optional()
      .describe("Id of the run that took its message in, and whose reply answers it; `reply` is empty then."),
  }),
  z.strictObject({ type: z.literal("cancelled"), reply: z.string() }),
  z.strictObject({ type: z.literal("timed_out"), reply: z.string() }),
  z.strictObject({ type: z.literal("interrupted"), reply: z.string() }),
  z.strictObject({ type: z.literal("failed"), error: errorShape }),
]);

export type RunOutcome = z.output<typeof outcomeShape>;

export const runStateShape = z.enum(["queued", "running", "finished"]);

export type RunState = z.output<typeof runStateShape>;

/** A run as clients see it. */
export const runShape = z.strictObject({
  runId: z.string(),
  sessionKey: z.string(),
  state: runStateShape,
  origin: originShape,
  queued: z
    .string()
    .optional()
    .describe("While it is queued, the text of what it answers: that is not in the history yet."),
  carries: z.array(z.string()).optional().describe("While it is queued, the names of the attachments of that."),
  plan: z.literal(true).optional().describe("It may only look: its reply is a plan."),
  model: z.string().describe("The one that answered last, where a fallback took over."),
  outcome: outcomeShape.nullable().describe("How it ended; null while it goes on."),
  usage: usageShape,
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});

/** A run's id, as a field of an input. */
export const runId = z.string().min(1).max(200).describe("Id of a run.");

/** The run that another is counted for: the one whose sub-agent it is, or for which it goes on. */
export function worksFor({ continues, origin }: Pick<RunRecord, "continues" | "origin">): string | undefined {
  return continues ?? (origin.via === "subagent" ? origin.id : undefined);
}

/** Names of the attachments of what a run answers. */
export function carriedBy({ input }: Pick<RunRecord, "input">): string[] | undefined {
  return input.role === "user" ? input.attachments?.map(({ name }) => name) : undefined;
}

/** One turn of a session, from a message in to an outcome, as stored. A row before it is work. */
export interface RunRecord {
  id: string;
  sessionKey: string;
  state: RunState;
  origin: Origin;
  /** What it answers; enters the session's history when the run starts. */
  input: UserMessage | SystemMessage;
  /** "provider/name", as resolved when it was submitted. */
  model: string;
  /** The model of its newest answer, where a fallback took over. */
  answeredBy?: string;
  timeoutMs?: number;
  /** It may only look, and so may all that it leads to. */
  plan?: true;
  /** What its reply is to be. */
  form?: ReplyForm;
  clientTools?: ClientTools;
  /** What it begins with: results of calls that an earlier run handed over to the client. */
  answers?: ClientAnswer[];
  sampling?: Sampling;
  metadata?: Record<string, string>;
  budgetUsd?: number;
  budgetTokens?: number;
  /** What it may do unasked besides what the configuration allows. */
  grants?: Rule[];
  /** What whoever started it may do: further lists that must allow it, too. */
  within?: Rule[][];
  /** What it would have done, had anybody been there to allow it. */
  lacked?: string[];
  /** Whether anybody can be asked; true when not given. */
  attended?: boolean;
  /** The name of the token whose budget it uses: that it came with, or that of whoever led to it. */
  chargedTo?: string;
  /** What it does for a job, itself or as a sub-agent of one that does. */
  job?: JobWork;
  /** Absent where neither a run nor a spawn stands behind it. */
  place?: RunPlace;
  /** Absent where nobody is owed a result. */
  spawn?: Spawn;
  /** It brings the result of what this run spawned, and goes on for it. */
  continues?: string;
  /** Its message may be taken in by the run under way in its session: by any, or only by this one. */
  joins?: { runId?: string };
  /** It waits for others, and does not count among those at work. */
  waiting?: boolean;
  /** It is to end as cancelled, and nobody is told: what it worked for was stopped. */
  stopped?: true;
  outcome?: RunOutcome;
  usage: Usage;
  /** What was used by runs that worked for it, and were deleted with their sessions. */
  gone?: { usd: number; tokens: number };
  /** How often it went on after its gateway had gone away. */
  resumes?: number;
  createdAt: string;
  startedAt?: string;
  finishedAt?: string;
}
