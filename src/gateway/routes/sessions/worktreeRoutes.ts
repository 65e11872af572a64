import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Core } from "../../../core/core.ts";
import { worktreeName, worktreeStateShape } from "../../../protocol/worktree.ts";
import { defineRoute } from "../../calls/route.ts";

const input = z.strictObject({ name: worktreeName });

export const worktreesList = defineRoute({
  name: "worktrees.list",
  verb: "GET",
  scope: "read",
  summary: "The git worktrees of sub-agents, newest first, with what is in them and their sizes.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), worktrees: z.array(worktreeStateShape) }),
  async handle(core) {
    const worktrees = await core.worktrees.list();
    return { count: worktrees.length, worktrees };
  },
});

export const worktreesDiff = defineRoute({
  name: "worktrees.diff",
  verb: "GET",
  scope: "read",
  summary: "All that differs in a worktree from where it began, committed or not, as a patch for `git apply`.",
  input,
  output: z.strictObject({ name: z.string(), patch: z.string() }),
  handle: async (core, { name }) => ({ name, patch: await core.worktrees.diff(name) }),
});

export const worktreesMerge = defineRoute({
  name: "worktrees.merge",
  verb: "POST",
  scope: "admin",
  summary:
    "Commits what is not committed in a worktree, and merges its branch into the one that the repository has checked out. 409, with nothing changed, where files would conflict, somebody has changes in them, or its session is at work.",
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
    "Commits what is not committed in a worktree, and pushes its branch to a remote of the repository, for a pull request. 409 where there is nothing to push, the remote refuses it, or its session is at work.",
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
    "Removes a worktree; its branch stays where no other has its commits. 409 when changes that no commit holds would be lost, or its session is at work, unless `force`.",
  input: input.extend({ force: z.boolean().default(false) }),
  output: z.strictObject({ name: z.string(), branchKept: z.boolean() }),
  async handle(core, { name, force }) {
    if (!force) await checkAtRest(core, name);
    return { name, ...(await core.worktrees.remove(name, { force })) };
  },
});

async function checkAtRest(core: Core, name: string): Promise<void> {
  const sessionKey = (await core.worktrees.list()).find((one) => one.name === name)?.sessionKey;
  if (!sessionKey) return;
  const open = await core.runs.list({ sessionKey, states: ["queued", "running"], limit: 1 });
  if (open.length > 0)
    throw new AppError("conflict", `Session ${sessionKey} is at work in worktree ${name}. Stop it first.`);
}
