import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench, transcript } from "../bench.ts";
import { shell } from "../permission/shellTool.ts";
import { jobByHand, user } from "./jobsBench.ts";
import { line, open, rehearsed } from "./rehearsalBench.ts";

const runScript: Rule = { allow: "exec", command: "sh a.sh" };
let script = "";
const fileBytes = async (path: string) =>
  path.split("/a.sh").length === 2 && path.endsWith("/a.sh") ? Buffer.from(script) : undefined;
const rewrite = defineTool({
  name: "rewrite",
  description: "Writes the script anew.",
  input: z.object({}),
  effect: "read",
  run: async () => ((script = "rm -rf x"), { text: "written" }),
});

test("a script that is changed while its job runs, by the run itself too, is not run under the job's grants", async () => {
  script = "echo 1";
  const bench = await openBench({
    tools: [shell, rewrite],
    turns: [[line("sh a.sh", "a")], [call("rewrite", {}, "b")], [line("sh a.sh", "c")], ["done"]],
    fileBytes,
  });
  const job = await bench.core.jobs.add(jobByHand({ grants: [runScript] }), user);
  const done = nextEvent(bench.core, "run.finished");
  const { sessionKey } = await bench.core.jobs.run(job.id);
  await done;
  const [first, , second] = transcript(bench.events, sessionKey).filter((text) => text.includes(" message tool:"));
  expect(first).toContain("ran sh a.sh");
  expect(second).toContain("Its grants do not hold any more: a.sh changed while it ran, by its own hand or another's");
  await expect
    .poll(async () => (await bench.store.listSlots({ limit: 1 }))[0])
    .toMatchObject({ status: "ok", lacked: ["run sh a.sh"] });
});

test("a firing that changes what its own grant names says so, and not only the next one, which runs without grants", async () => {
  script = "echo 1";
  const bench = await openBench({
    tools: [shell, rewrite],
    turns: [[line("sh a.sh", "a"), call("rewrite", {}, "b")], ["done"], [line("sh a.sh", "c")], ["done"]],
    fileBytes,
  });
  const job = await bench.core.jobs.add(jobByHand({ grants: [runScript] }), user);
  const newest = async () => (await bench.store.listSlots({ limit: 1 }))[0]!;
  for (const lacked of [undefined, ["run sh a.sh"]]) {
    await bench.core.jobs.run(job.id);
    await expect.poll(async () => (await newest()).status).toBe("ok");
    const slot = await newest();
    expect(slot.lacked).toEqual(lacked);
    expect(slot.grantsVoid).toContain(lacked ? "a.sh changed since they were given" : "a.sh changed while it ran");
  }
  expect((await bench.core.jobs.get(job.id)).grantsVoid).toEqual(["a.sh"]);
});

test("a script that is changed after it was rehearsed is not granted, at the end or at once", async () => {
  script = "echo 1";
  const { bench, job } = await open(["sh a.sh"], {}, { fileBytes });
  const page = await rehearsed(bench, job, { "sh a.sh": "allow" });
  const take = { id: job.id, runId: page.runId, take: [1] };
  script = "rm -rf x";
  await expect(bench.core.jobs.takeGrants(take)).rejects.toMatchObject({
    code: "conflict",
    message: "a.sh changed since it was asked about: what would run now was not seen. Rehearse it again.",
  });
  script = "echo 1";
  expect((await bench.core.jobs.takeGrants(take)).grants).toEqual([runScript]);
});

test("always for this job is no answer when the script is another one than was shown", async () => {
  script = "echo 1";
  const { bench, job } = await open(["sh a.sh"], {}, { fileBytes });
  const asked = nextEvent(bench.core, "approval.asked");
  await bench.core.jobs.rehearse(job.id, {});
  const { approval } = await asked;
  script = "rm -rf x";
  await expect(bench.core.approvals.answer(approval.id, "allow_job", "panel")).rejects.toMatchObject({
    code: "conflict",
  });
  expect((await bench.core.jobs.get(job.id)).grants).toBeUndefined();
  expect((await bench.core.approvals.list()).map(({ id }) => id)).toEqual([approval.id]);
});

test("a change of a file's job that leaves its grants as they are gives none for a script that was changed since", async () => {
  script = "echo 1";
  const { core } = await openBench({ fileBytes });
  const declare = async (more: object) => {
    await core.jobs.declare([{ file: "/o.yml", jobs: [jobByHand({ grants: [runScript], ...more })] }]);
    return (await core.jobs.list())[0];
  };
  expect((await declare({}))?.grantsVoid).toBeUndefined();
  expect(
    (await declare({ timeoutSeconds: 5, payload: { kind: "agentTurn", message: "other" } }))?.grantsVoid,
  ).toBeUndefined();
  script = "rm -rf x";
  expect(await declare({ timeoutSeconds: 9 })).toMatchObject({ timeoutSeconds: 9, grantsVoid: ["a.sh"] });
  expect((await declare({ grants: [runScript, { allow: "exec", command: "ls" }] }))?.grantsVoid).toBeUndefined();
});
