import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const checkpoint = (beforeSeq: number, ...states: string[]) => ({
  runId: `run_${beforeSeq}`,
  beforeSeq,
  text: "go",
  createdAt: new Date().toISOString(),
  files: states.map((state) => ({ path: "a.txt", kind: "changed", state })),
  commands: [],
  unseen: [],
});

test("undo after undo goes further back: what was taken back already is passed over", async () => {
  bench.gateway.answers["GET /api/checkpoints/list"] = {
    json: { count: 3, checkpoints: [checkpoint(9), checkpoint(6, "as_before"), checkpoint(2, "as_before", "as_left")] },
  };
  const answer = {
    restored: ["a.txt", "b\nrestored  c.txt", "new.txt"],
    removed: ["new.txt"],
    kept: [{ path: "d\ne", why: "it is a link" }],
    undo: "restore_1",
    commands: ["make\nall"],
    unseen: ["it is too much"],
    sessionKey: null,
    atWork: null,
  };
  bench.gateway.answers["POST /api/checkpoints/restore"] = { json: answer };
  expect(await pincer(["undo"], bench.env)).toEqual({
    code: 0,
    // A name that a command gave fakes no line.
    stdout: "restored  a.txt\nrestored  b ⏎ restored  c.txt\ndeleted  new.txt\nleft as it is  d ⏎ e: it is a link\n",
    stderr:
      "What commands changed outside of the folder, or in what git ignores, is not put back: make\nNot put back: it is too much\nTo take this back: pincer undo main --back restore_1\n",
  });
  expect(bench.gateway.seen.at(-1)!.body).toMatchObject({ beforeSeq: 2 });
});

test("where there is nothing, that is said", async () => {
  bench.gateway.answers["GET /api/checkpoints/list"] = { json: { count: 0, checkpoints: [] } };
  const { code, stderr } = await pincer(["undo"], bench.env);
  expect([code, stderr]).toEqual([1, expect.stringContaining("nothing to undo in main")]);
});

test("where commands alone were at work, what of them is not put back is said", async () => {
  const only = { ...checkpoint(2), commands: ["npm run build\nnpm test"], unseen: ["HEAD, which went from a to b"] };
  bench.gateway.answers["GET /api/checkpoints/list"] = { json: { count: 1, checkpoints: [only] } };
  const { code, stderr } = await pincer(["undo"], bench.env);
  expect(code).toBe(1);
  expect(stderr).toContain(
    "What commands changed outside of the folder, or in what git ignores, is not put back: npm run build\nNot put back: HEAD, which went from a to b\n",
  );
  expect(stderr).toContain("nothing to undo in main");
});
