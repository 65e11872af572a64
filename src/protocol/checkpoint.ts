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
});

export type ChangedFile = z.output<typeof changedFileShape>;

/** A run that has changed files, as a point to go back to. */
export const checkpointShape = z.strictObject({
  runId,
  beforeSeq: z.int().describe("Place of its message among the session's events: going back to before it undoes it."),
  text: z.string().describe("The beginning of its message."),
  createdAt: z.string(),
  files: z.array(changedFileShape),
  commands: z.array(z.string()).describe("Commands that it ran: what they changed is not put back."),
});

export type Checkpoint = z.output<typeof checkpointShape>;

/** A file that was not put back, and why. */
export const leftFileShape = z.strictObject({ path: z.string(), why: z.string() });

export type LeftFile = z.output<typeof leftFileShape>;
