import { expect, test } from "vitest";
import type { Worktrees } from "../../../src/core/ports/worktrees.ts";
import { NO_WORKTREES } from "../../../src/core/sessions/inWorktree.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" } as const;

test("a worktree says whose it is before that session exists, and is gone when it cannot be made", async () => {
  const path = tempFolder();
  const seen: string[] = [];
  const worktrees: Worktrees = {
    ...NO_WORKTREES,
    create: async ({ folder }) => ({ name: "look", branch: "pincer/look", path, repository: folder }) as never,
    async assign(name, sessionKey) {
      const known = await core.sessions.get(sessionKey).catch(() => undefined);
      seen.push(`${name} is assigned ${known === undefined ? "before" : "after"}`);
    },
    async remove(name) {
      seen.push(`${name} is removed`);
      return { branchKept: false };
    },
    nameOf: (folder) => (folder === path ? "look" : undefined),
  };
  const { core } = await openBench({ worktrees, turns: [["done"]] });
  const run = await core.sessions.send({ text: "look", origin, worktree: true });
  await run.outcome;
  expect(run.worktree?.sessionKey).toBe(run.sessionKey);
  expect(seen).toEqual(["look is assigned before"]);
  const bad = core.sessions.send({ text: "look", origin, worktree: true, model: "nobody/none" });
  await expect(bad).rejects.toMatchObject({ code: "bad_request" });
  expect(seen.slice(1)).toEqual(["look is assigned before", "look is removed"]);
});
