import * as z from "zod";
import { messageShape } from "../event.ts";
import { effortShape } from "../context/agentPart.ts";
import { jobFields } from "../job.ts";
import { originShape } from "../message.ts";
import { sessionKindShape } from "../session.ts";
import { usageShape } from "../usage.ts";

/** Of the format that `pincer export` writes: JSON Lines, a head first, then sessions with their messages, jobs, an end. */
export const MOVED_VERSION = 1;

const count = z.int().min(0);
const key = z.string().min(1).max(200);
const time = z.iso.datetime();
const begunBy = z.string().min(1).max(200);
const amount = z.number().min(0).max(1e12);

export const movedHead = z.strictObject({
  type: z.literal("pincer"),
  version: z.literal(MOVED_VERSION),
  by: z.string().max(100).describe("What wrote it."),
  createdAt: time,
});

export const movedSession = z.strictObject({
  type: z.literal("session"),
  key,
  kind: sessionKindShape,
  title: z.string().max(200).optional(),
  named: z.literal(true).optional().describe("A person gave it its title: it does not go for its age."),
  parentKey: key.optional(),
  parentCreatedAt: time.optional().describe("Of the parent: key and time say which session it is, where keys change."),
  workspace: z.string().max(4096).optional(),
  parentBegunBy: begunBy.optional().describe("Of the parent: what it begins with, as `begunBy`."),
  model: z.string().max(200).optional(),
  effort: effortShape.optional(),
  tools: z.array(z.string().max(200)).max(1000).optional().describe("Of a sub-agent: those it has. Absent: all."),
  agent: z
    .strictObject({ name: z.string().max(200), instructions: z.string(), effort: effortShape.optional() })
    .optional()
    .describe("Of a sub-agent: its part."),
  mode: z.literal("plan").optional().describe("Its runs only look."),
  pinned: z.literal(true).optional(),
  archived: z.literal(true).optional(),
  begunBy: begunBy.optional().describe("The run of its first message: one that was reset since is another session."),
  createdAt: time,
  updatedAt: time,
  usage: usageShape,
  usageByDay: z
    .array(
      z.strictObject({
        day: z.iso.date(),
        model: z.string().max(200),
        requests: count,
        inputTokens: count,
        outputTokens: count,
        cacheReadTokens: count,
        cacheWriteTokens: count,
        costUsd: amount,
        unpriced: count,
      }),
    )
    .max(100_000)
    .optional(),
});

export type MovedSession = z.output<typeof movedSession>;

export const movedMessage = z.strictObject({
  type: z.literal("message"),
  sessionKey: key.describe("Of the session line before."),
  n: count.describe("Its place in the session: 0, 1, 2 …"),
  at: time,
  runId: z.string().min(1).max(200),
  message: messageShape,
});

export type MovedMessage = z.output<typeof movedMessage>;

export const movedJob = z.strictObject({
  type: z.literal("job"),
  id: z.string().min(1).max(200),
  ...jobFields.shape,
  targetCreatedAt: time.optional().describe("Of the session that it fires into."),
  targetBegunBy: begunBy.optional().describe("Of that session: what it begins with."),
  enabled: z.boolean(),
  createdBy: originShape,
  deliveryBy: originShape.optional(),
  createdAt: time,
});

export type MovedJob = z.output<typeof movedJob>;

export const movedEnd = z.strictObject({ type: z.literal("end"), sessions: count, messages: count, jobs: count });

export const movedLine = z.discriminatedUnion("type", [movedHead, movedSession, movedMessage, movedJob, movedEnd]);

export type MovedLine = z.output<typeof movedLine>;

/** What became of a session of a file. */
export const takenSession = z.strictObject({
  key: z.string().describe("As in the file."),
  to: z.string().describe("Its key here."),
  state: z
    .enum(["made", "grown", "there", "kept"])
    .describe(
      "made: new here. grown: more messages came. there: nothing was to be done. kept: it went on here, and stays as it is.",
    ),
  messages: count.describe("How many were taken."),
  leftFolder: z
    .string()
    .optional()
    .describe("The folder it worked in, which is none of this gateway's: it works in none here."),
});

export type TakenSession = z.output<typeof takenSession>;

export const takenJob = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(["made", "there", "refused"]),
  enabled: z.boolean(),
  why: z.string().optional().describe("Why it was refused, or stays off."),
  grants: z
    .array(z.string())
    .optional()
    .describe("What it would be granted, in words: only taken with `grants: true`."),
});

export type TakenJob = z.output<typeof takenJob>;

/** What of an import is to be done. */
export interface TakeRequest {
  lines: string[];
  /** Only says what would be done. */
  dryRun: boolean;
  /** Turns jobs on that were on; else all come off. */
  enable: boolean;
  /** Gives jobs the grants that they had; else none. */
  grants: boolean;
  /** Sessions work in folders that are none of this gateway's, too. */
  keepFolders: boolean;
}
