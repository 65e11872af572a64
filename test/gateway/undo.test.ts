import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openCheckpoints } from "../../src/store/checkpoints/openCheckpoints.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import { write } from "../../src/tools/writeTool.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { openGatewayBench } from "./bench.ts";

test("a run's change is listed, shown, undone and done again over REST", async () => {
  const folder = tempFolder({ "a.txt": "one" });
  const bounds = () => ({ days: 1, megabytes: 10 });
  const checkpoints = openCheckpoints({ folder: tempFolder(), bounds, clock: systemClock, log: silentLog });
  const { get, post } = await openGatewayBench({
    folder,
    tools: [write],
    files: createDiskFiles(),
    checkpoints,
    settings: { approvals: "auto" },
    turns: [[call("write", { path: "a.txt", content: "two" })], ["done"]],
  });
  const text = () => readFileSync(join(folder, "a.txt"), "utf8");
  await post("/api/sessions/send", { message: "change it" });
  const { body } = await get("/api/checkpoints/list");
  const [checkpoint] = body.checkpoints;
  expect(checkpoint).toMatchObject({
    text: "change it",
    files: [{ path: "a.txt", kind: "changed", state: "as_left" }],
  });
  const changes = await get(`/api/changes/get?runId=${checkpoint.runId}`);
  expect(changes.body.files).toMatchObject([{ path: "a.txt", before: "one", now: "two" }]);
  const { beforeSeq } = checkpoint;
  const done = await post("/api/checkpoints/restore", { beforeSeq });
  expect(done.body).toMatchObject({ restored: ["a.txt"], kept: [], commands: [], sessionKey: null });
  expect(text()).toBe("one");
  await post("/api/checkpoints/restore", { undo: done.body.undo });
  expect(text()).toBe("two");
  const reverted = await post("/api/changes/revert", { runId: checkpoint.runId, path: "a.txt" });
  expect(reverted.body).toMatchObject({ runId: checkpoint.runId, restored: ["a.txt"] });
  expect(text()).toBe("one");
  expect((await post("/api/checkpoints/restore", {})).body.error.message).toContain("either beforeSeq or undo");
  expect((await post("/api/checkpoints/restore", { undo: "restore_none" })).status).toBe(404);
  expect((await post("/api/checkpoints/restore", { beforeSeq: 9999 })).status).toBe(404);
});
