import { expect, onTestFinished, test } from "vitest";
import { exec } from "../../../src/tools/execTool.ts";
import { backgroundCommands } from "../../../src/tools/shell/backgroundCommands.ts";
import { openBench } from "../bench.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { posixTest } from "../../posix.ts";
import { jobOf, user } from "./jobsBench.ts";

posixTest("a command that the agent started in the background fires the job that waits for its end", async () => {
  const { core, store } = await openBench({
    tools: [exec],
    settings: { approvals: "auto", sandbox: "off" },
    turns: [[call("exec", { command: "sleep 1", background: true })], ["started"]],
  });
  const told = backgroundCommands.onEnded(({ command, sessionKey, runId, workspace, outcome }) => {
    const exitCode = outcome?.exitCode ?? null;
    core.tell({ type: "command.ended", command, sessionKey, by: runId, workspace, exitCode });
  });
  onTestFinished(() => told.dispose());
  const job = await core.jobs.add(jobOf({ schedule: { kind: "exit", command: "sleep 1" } }), user);
  await (
    await core.sessions.send({ text: "go", origin: user, sessionKey: "main" })
  ).outcome;
  await expect
    .poll(async () => (await store.listSlots({ jobId: job.id, limit: 5 }))[0]?.started)
    .toBe("sleep 1 ended with 0");
});

test("and no job is fired by the end of what nobody waits for", async () => {
  const { core, store, folder } = await openBench();
  await core.jobs.add(jobOf({ schedule: { kind: "exit", command: "sleep 1" } }), user);
  const workspace = core.workspaces.real(folder);
  core.tell({ type: "command.ended", command: "sleep 10", sessionKey: "main", by: "run_1", workspace, exitCode: 0 });
  await core.jobs.list();
  expect(await store.listSlots({ limit: 5 })).toEqual([]);
});
