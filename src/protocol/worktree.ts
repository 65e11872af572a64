import * as z from "zod";

/** A git worktree that a sub-agent works in. */
export const worktreeShape = z.strictObject({
  name: z.string(),
  repository: z.string().describe("The folder whose repository it is of."),
  path: z.string().describe("The folder that its session works in."),
  branch: z.string(),
  base: z.string().describe("The commit that it began at."),
  sessionKey: z.string().nullable().describe("The session it was made for."),
  createdAt: z.string(),
  notes: z.array(z.string()).describe("What of the repository is not in it, and what is linked."),
});

export type Worktree = z.output<typeof worktreeShape>;

/** One as it is now. */
export const worktreeStateShape = worktreeShape.extend({
  state: z.enum(["ok", "missing"]).describe("missing: the folder or its repository is not there any more."),
  ahead: z.int().min(0).describe("Commits since the base."),
  uncommitted: z.int().min(0).describe("Files with changes that no commit holds."),
  sizeBytes: z.int().min(0).describe("On the disk, without what is linked."),
});

export type WorktreeState = z.output<typeof worktreeStateShape>;

/** One as it is listed. */
export const listedWorktreeShape = worktreeStateShape.extend({
  atWork: z.array(z.string()).describe("The sessions that are at work in it."),
});

export type ListedWorktree = z.output<typeof listedWorktreeShape>;

/** The name of one, as a field of an input. */
export const worktreeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/, "Expected the name of a worktree");
