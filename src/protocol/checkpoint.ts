import * as z from "zod";
import { runId } from "./run.ts";

/** A file that runs have changed, and how it stands now. */
export const changedFileShape = z.strictObject({
  path: z.string().describe("From the session's folder, with / on every system."),
  kind: z
    .enum(["added", "changed", "deleted", "unchanged"])
    .describe("What the runs did to it, from before the first of them to after the last."),
  state: z
    .enum(["as_left", "as_before", "changed_since", "not_kept"])
    .describe(
      "as_left: it can be put back. as_before: there is nothing to put back. changed_since: somebody else changed it after the runs. not_kept: what was there before is not known.",
    ),
  by: z
    .literal("command")
    .optional()
    .describe("It was found changed after a command of theirs, so somebody else may have changed it meanwhile."),
});

export type ChangedFile = z.output<typeof changedFileShape>;

/** Lines of a file that are not what they were before a run. */
export const changedHunkShape = z.strictObject({
  id: z.string().describe("The same as long as these lines are, whatever becomes of others."),
  beforeStart: z
    .int()
    .describe("The first of its lines in `before`, from 1; without lines: the one before which they would be."),
  beforeLines: z.int(),
  nowStart: z.int().describe("The same in `now`."),
  nowLines: z.int(),
  kept: z.boolean().describe("Somebody has looked at it and keeps it."),
});

export type ChangedHunk = z.output<typeof changedHunkShape>;

/** What the commands of runs mean for whoever goes back. */
export function commandsAre(how: string): string {
  return `Commands that ${how}: what they changed outside of the session's folder, or in what git ignores, is not put back.`;
}

/** A run that has changed files, as a point to go back to. */
export const checkpointShape = z.strictObject({
  runId,
  beforeSeq: z.int().describe("Place of its message among the session's events: going back to before it undoes it."),
  text: z.string().describe("The beginning of its message."),
  createdAt: z.string(),
  files: z.array(changedFileShape),
  commands: z.array(z.string()).describe(commandsAre("it ran")),
  unseen: z.array(z.string()).describe("What of its commands' changes is not known, and why."),
});

export type Checkpoint = z.output<typeof checkpointShape>;

/** A file that was not put back, and why. */
export const leftFileShape = z.strictObject({ path: z.string(), why: z.string() });

export type LeftFile = z.output<typeof leftFileShape>;
