import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Core } from "../../../core/core.ts";
import { listedWorktreeShape, worktreeName } from "../../../protocol/worktree.ts";
import { defineRoute } from "../../calls/route.ts";
import { closedTo } from "../closedTo.ts";

const input = z.strictObject({ name: worktreeName });

export const worktreesList = defineRoute({
  name: "worktrees.list",
  verb: "GET",
  scope: "read",
  summary:
    "The git worktrees of sub-agents, newest first, with what is in them, who is at work there, and their sizes.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), worktrees: z.array(listedWorktreeShape) }),
  async handle(core) {
    const sessions = await sessionsAtWork(core);
    const worktrees = (await core.worktrees.list()).map((one) => ({ ...one, atWork: sessions.get(one.name) ?? [] }));
    return { count: worktrees.length, worktrees };
  },
});

export const worktreesDiff = defineRoute({
  name: "worktrees.diff",
  verb: "GET",
  scope: "read",
  summary:
    "All that differs in a worktree from where it began, committed or not, as a patch for `git apply`. Files that may hold secrets, or that a rule denies to be read, are in it for scope admin alone.",
  input,
  output: z.strictObject({
    name: z.string(),
    patch: z.string(),
    left: z.array(z.string()).optional().describe("Files that differ and are left out."),
  }),
  async handle(core, { name }, { scope }) {
    const { patch, left } = await core.worktrees.diff(name, closedTo(scope, core));
    return { name, patch, ...(left.length > 0 ? { left } : {}) };
  },
});

export const worktreesMerge = defineRoute({
  name: "worktrees.merge",
  verb: "POST",
  scope: "admin",
  summary:
    "Commits what is not committed in a worktree, and merges its branch into the one that the repository has checked out. 409, with nothing changed, where files would conflict, somebody has changes in them or others in their place, or a session is at work in it.",
  input,
  output: z.strictObject({ name: z.string(), into: z.string(), commit: z.string() }),
  async handle(core, { name }) {
    await checkAtRest(core, name);
    return { name, ...(await core.worktrees.merge(name)) };
  },
});

export const worktreesPush = defineRoute({
  name: "worktrees.push",
  verb: "POST",
  scope: "admin",
  summary:
    "Commits what is not committed in a worktree, and pushes its branch to a remote of the repository, for a pull request. 409 where there is nothing to push, the remote or its Git LFS refuses it, or a session is at work in it.",
  input: input.extend({ remote: z.string().min(1).max(200).optional().describe("origin by default.") }),
  output: z.strictObject({
    name: z.string(),
    remote: z.string(),
    branch: z.string(),
    url: z.string().optional().describe("The page on which a pull request of it is made, where that is known."),
  }),
  async handle(core, { name, remote }) {
    await checkAtRest(core, name);
    return { name, ...(await core.worktrees.push(name, remote)) };
  },
});

export const worktreesRemove = defineRoute({
  name: "worktrees.remove",
  verb: "POST",
  scope: "admin",
  summary:
    "Removes a worktree; its branch stays where no other has its commits. 409 when changes that no commit holds, or commits that no branch has, would be lost, another worktree is one of it, or a session is at work in it, unless `force`.",
  input: input.extend({
    force: z.boolean().default(false).describe("Whatever is lost, and whoever is at work in it."),
    losing: z
      .strictObject({ uncommitted: z.int().min(1) })
      .optional()
      .describe("Files with changes that no commit holds may be lost while there are so many; all else is refused."),
  }),
  output: z.strictObject({ name: z.string(), branchKept: z.boolean() }),
  async handle(core, { name, ...how }) {
    if (!how.force) await checkAtRest(core, name);
    return { name, ...(await core.worktrees.remove(name, how)) };
  },
});

async function checkAtRest(core: Core, name: string): Promise<void> {
  const [sessionKey] = (await sessionsAtWork(core)).get(name) ?? [];
  if (sessionKey !== undefined)
    throw new AppError("conflict", `Session ${sessionKey} is at work in worktree ${name}. Stop it first.`);
}

/** By the names of worktrees. A sub-agent without one of its own works in that of the session that spawned it. */
async function sessionsAtWork(core: Core): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { sessionKey, workspace } of await core.store.listAtWork()) {
    const name = workspace === undefined ? undefined : core.worktrees.nameOf(workspace);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), sessionKey]);
  }
  return found;
}
