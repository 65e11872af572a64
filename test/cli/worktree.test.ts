import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const run = async (args: string[], route: string, answer: unknown) => {
  bench.gateway.answers[route] = { json: answer };
  const { code, stdout, stderr } = await pincer(["worktree", ...args], bench.env);
  expect([code, stderr]).toEqual([0, ""]);
  return { stdout, body: bench.gateway.seen.at(-1)!.body };
};

test("worktrees are listed with what is in them, shown, merged and removed", async () => {
  const createdAt = new Date(Date.now() - 5_400_000).toISOString();
  const one = { name: "x-1", branch: "pincer/x-1", ahead: 2, uncommitted: 1, sizeBytes: 1_540_000, createdAt };
  const worktrees = [
    { ...one, state: "ok", sessionKey: "s_1", repository: "/r" },
    { ...one, state: "missing", sizeBytes: 12, sessionKey: null, repository: "/r" },
  ];
  expect((await run([], "GET /api/worktrees/list", { worktrees })).stdout.split("\n").slice(1, 3)).toEqual([
    "x-1   pincer/x-1  2        1            1.5 MB  1h ago   s_1      /r",
    "x-1   missing     2        1            12 B    1h ago   -        /r",
  ]);
  for (const verb of ["diff", "patch"]) {
    const { stdout } = await run([verb, "x-1"], "GET /api/worktrees/diff", { name: "x-1", patch: "-one\n+two\n" });
    expect(stdout).toBe("-one\n+two\n");
  }
  const left = [".env"];
  bench.gateway.answers["GET /api/worktrees/diff"] = { json: { name: "x-1", patch: "-one\n+two\n", left } };
  expect(await pincer(["worktree", "patch", "x-1"], bench.env)).toMatchObject({
    stdout: "-one\n+two\n",
    stderr: "Left out, for a token of scope admin alone: .env\n",
  });
  const merged = { name: "x-1", into: "main", commit: "0123456789abcdef" };
  expect((await run(["merge", "x-1"], "POST /api/worktrees/merge", merged)).stdout).toBe(
    "x-1 is merged into main: 0123456789\n",
  );
  const removed = { name: "x-1", branchKept: true };
  expect(await run(["remove", "x-1", "-f"], "POST /api/worktrees/remove", removed)).toEqual({
    stdout: "x-1 is removed; its branch stays\n",
    body: { name: "x-1", force: true },
  });
});
