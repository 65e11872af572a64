import * as z from "zod";
import type { GoingBack, Restored } from "../../../core/services/pastWork.ts";
import { AppError } from "../../../base/appError.ts";
import {
  changedFileShape,
  changedHunkShape,
  checkpointShape,
  commandsAre,
  leftFileShape,
} from "../../../protocol/checkpoint.ts";
import { runId } from "../../../protocol/run.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import { defineRoute } from "../../calls/route.ts";
import { closedTo } from "../closedTo.ts";

const changedPath = z.string().min(1).max(4096);

const hunkIds = z.array(z.string().max(64)).min(1).max(1000).optional();

const force = z.boolean().default(false).describe("Also what somebody else has changed since.");

const restoredFiles = {
  restored: z.array(z.string()).describe("Files that are what they were before, from the session's folder."),
  kept: z.array(leftFileShape).describe("Files that were left as they are, and why."),
  undo: z.string().nullable().describe("Takes this back, as `undo` of another restore; null when nothing was changed."),
};

export const checkpointsList = defineRoute({
  name: "checkpoints.list",
  verb: "GET",
  scope: "read",
  summary: "Runs of a session that have changed files or run commands, newest first: points to go back to.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({ count: z.int(), checkpoints: z.array(checkpointShape) }),
  async handle(core, { sessionKey }) {
    const checkpoints = await core.checkpoints.list(sessionKey);
    return { count: checkpoints.length, checkpoints };
  },
});

export const checkpointsRestore = defineRoute({
  name: "checkpoints.restore",
  verb: "POST",
  scope: "admin",
  summary:
    "Makes files what they were before a message, its run's sub-agents included. What somebody else has changed since stays, unless `force`. 409 while the session is at work.",
  input: z.strictObject({
    sessionKey: sessionKeyOrMain,
    beforeSeq: z.int().min(0).optional().describe("The message, by its seq. This or `undo`."),
    undo: z.string().max(200).optional().describe("What an earlier restore gave as `undo`: takes that one back."),
    files: z.boolean().default(true),
    messages: z
      .boolean()
      .default(false)
      .describe("Also goes on in a fork of the session that ends before the message; the session itself stays."),
    force,
    dryRun: z.boolean().default(false).describe("Only says what would be done."),
  }),
  output: z.strictObject({
    ...restoredFiles,
    removed: z.array(z.string()).describe("Those of `restored` that were not there before, and are deleted."),
    commands: z.array(z.string()).describe(commandsAre("were run since")),
    unseen: z.array(z.string()).describe("What of the commands' changes is not known, and why."),
    sessionKey: z.string().nullable().describe("The fork, with `messages`."),
    atWork: z
      .string()
      .nullable()
      .describe(
        "With `dryRun`: key of the session, or of the sub-agent whose work would be put back, that is at work. Nothing is put back before that is stopped.",
      ),
  }),
  async handle(core, { sessionKey, beforeSeq, undo, ...how }) {
    const done = await core.checkpoints.restore({ sessionKey, to: toPoint(beforeSeq, undo), ...how });
    const { removed, commands, unseen, sessionKey: fork = null, atWork = null } = done;
    return { ...toRestored(done), removed, commands, unseen, sessionKey: fork, atWork };
  },
});

export const changesGet = defineRoute({
  name: "changes.get",
  verb: "GET",
  scope: "read",
  summary:
    "The files that a run with its sub-agents has changed, with their texts before it and now. Of files that may hold secrets, or that a rule denies to be read, only scope admin is told the texts.",
  input: z.strictObject({ runId, path: changedPath.optional().describe("Only this one.") }),
  output: z.strictObject({
    runId: z.string(),
    files: z.array(
      changedFileShape.extend({
        before: z
          .string()
          .nullable()
          .optional()
          .describe("null: there was none. Absent: not known, not told, or no text."),
        now: z.string().nullable().optional(),
        hunks: z.array(changedHunkShape).describe("What is different in it line by line, as far as that is known."),
      }),
    ),
  }),
  async handle(core, { runId: id, path }, { scope }) {
    return { runId: id, files: await core.checkpoints.changes(id, { path, closed: closedTo(scope, core) }) };
  },
});

export const changesRevert = defineRoute({
  name: "changes.revert",
  verb: "POST",
  scope: "admin",
  summary:
    "Makes one file, or some hunks of it, what they were before a run. 404 when the run has not changed it. What somebody else has changed since stays, unless `force`.",
  input: z.strictObject({ runId, path: changedPath, hunks: hunkIds.describe("Only these, by their `id`."), force }),
  output: z.strictObject({ runId: z.string(), ...restoredFiles }),
  async handle(core, { runId: id, path, ...how }) {
    return { runId: id, ...toRestored(await core.checkpoints.revert(id, path, how)) };
  },
});

export const changesKeep = defineRoute({
  name: "changes.keep",
  verb: "POST",
  scope: "write",
  summary:
    "Notes that a file's hunks were looked through and are kept: they are `kept` from then on. Undo puts them back all the same.",
  input: z.strictObject({
    runId,
    path: changedPath,
    hunks: hunkIds.describe("Only these; all of the file when absent."),
  }),
  output: z.strictObject({
    runId: z.string(),
    path: z.string(),
    left: z.int().describe("Hunks that are not kept yet."),
  }),
  async handle(core, { runId: id, path, hunks }) {
    return { runId: id, path, left: await core.checkpoints.keep(id, path, hunks) };
  },
});

function toPoint(beforeSeq: number | undefined, undo: string | undefined): GoingBack["to"] {
  if (beforeSeq !== undefined && undo === undefined) return { beforeSeq };
  if (undo !== undefined && beforeSeq === undefined) return { undo };
  throw new AppError("bad_request", "Give either beforeSeq or undo: where to go back to");
}

function toRestored({ restored, kept, undo }: Pick<Restored, "restored" | "kept" | "undo">) {
  return { restored, kept, undo: undo ?? null };
}
