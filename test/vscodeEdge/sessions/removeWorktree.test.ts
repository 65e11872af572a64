import { expect, test } from "vitest";
import { worktreeCommands } from "../../../src/vscode/sessions/worktreeCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

interface Now {
  uncommitted?: number;
  atWork?: string[];
}

/** It is asked about as `then`, and is `now` by the yes; what was removed. */
async function remove(then: Now, now: Now) {
  openScreen([[/^Remove the worktree of b1/, "Remove"]]);
  const worktree = { name: "tree", branch: "b1", uncommitted: 0, atWork: [] };
  const gateway = createEdgeGateway({
    "worktrees.list": () => ({ worktrees: [{ ...worktree, ...(screen.asked.length === 0 ? then : now) }] }),
    "worktrees.remove": {},
  });
  const { window } = createEdgeWindow(gateway, { worktrees: { refresh: async () => {} } });
  await worktreeCommands["pincer.removeWorktree"](window, { worktree: "tree" });
  return gateway.calls.filter(([name]) => name === "worktrees.remove").map(([, input]) => input);
}

test("a worktree is removed with the changes that the question named, and with nothing else", async () => {
  expect(await remove({}, {})).toEqual([{ name: "tree" }]);
  expect(await remove({ uncommitted: 2 }, { uncommitted: 2 })).toEqual([{ name: "tree", losing: { uncommitted: 2 } }]);
});

test.each([
  [1, "1 file with changes that no commit holds is lost with it."],
  [2, "2 files with changes that no commit holds are lost with it."],
])("the question says what is lost: %i", async (uncommitted, detail) => {
  await remove({ uncommitted }, { uncommitted });
  expect(screen.asked[0]).toMatchObject({ detail });
});

test("nothing goes where more is lost by the yes than the question named, or somebody is at work in it", async () => {
  await expect(remove({ uncommitted: 2 }, { uncommitted: 3 })).rejects.toThrow("Files in b1 have changed meanwhile");
  await expect(remove({ uncommitted: 2 }, { uncommitted: 2, atWork: ["s_1"] })).rejects.toThrow("b1 is still at work");
  await expect(remove({ uncommitted: 2, atWork: ["s_1"] }, {})).rejects.toThrow("b1 is still at work");
  expect(screen.asked).toEqual([]);
});
