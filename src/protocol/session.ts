import * as z from "zod";
import { usageShape } from "./usage.ts";

/** main: the one always there. isolated: made by create, spawn or a job. channel: belongs to a chat outside. */
export const sessionKindShape = z.enum(["main", "isolated", "channel"]);

export type SessionKind = z.output<typeof sessionKindShape>;

/** waiting: a run needs an approval. failed: the last run ended with an error. */
export const sessionStateShape = z.enum(["idle", "queued", "running", "waiting", "failed"]);

export type SessionState = z.output<typeof sessionStateShape>;

/** How the calls of runs that a person starts in a session are decided, where that is not as configured. */
export const sessionModeShape = z
  .enum(["ask", "auto-safe", "auto", "plan"])
  .describe(
    "ask before what changes anything; auto-safe lets harmless commands run; auto everything, commands in the sandbox; plan nothing that changes anything, whoever starts a run here.",
  );

export type SessionMode = z.output<typeof sessionModeShape>;

/** An ordered history of messages, and what its runs share: the same wherever it is told. */
export const sessionShape = z.strictObject({
  key: z.string().describe('"main", or an opaque id. Never a path.'),
  kind: sessionKindShape,
  title: z.string().nullable(),
  state: sessionStateShape,
  model: z.string().nullable().describe("Null: the configured default at the time of each run."),
  parentKey: z.string().nullable().describe("The session whose run spawned this one."),
  workspace: z.string().nullable().describe("Absolute folder that tools work in; without it there are none for files."),
  pinned: z.boolean().describe("Stands above others, and is not removed for its age."),
  archived: z.boolean().describe("Put away by a person, until something is said in it again."),
  createdAt: z.string(),
  updatedAt: z.string(),
  messageCount: z.int().min(0),
  contextTokens: z
    .int()
    .min(0)
    .describe("Tokens of the newest request with its answer: what the context window holds now."),
  usage: usageShape,
});

export type Session = z.output<typeof sessionShape>;

/** A session's key, as a field of an input. Unknown ones are told by the core. */
export const sessionKey = z.string().min(1).max(200).describe("Key of a session.");
export const sessionKeyOrMain = sessionKey.default("main");
