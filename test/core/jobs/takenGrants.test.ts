import { expect, test } from "vitest";
import * as z from "zod";
import type { Core } from "../../../src/core/core.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench, transcript } from "../bench.ts";
import { shell } from "../permission/shellTool.ts";
import { jobOf, user } from "./jobsBench.ts";
import { line } from "./rehearsalBench.ts";

const granted: Rule = { allow: "exec", command: "npm test" };
const other: Rule = { allow: "exec", command: "npm run lint" };

/** What the second of two same commands of a job comes to when somebody does this between them. */
async function afterwards(act: (core: Core, id: string) => Promise<unknown>): Promise<string> {
  const meanwhile = { done: async () => {} };
  const pause = defineTool({
    name: "pause",
    description: "Lets somebody do something.",
    input: z.object({}),
    effect: "read",
    run: async () => (await meanwhile.done(), { text: "gone on" }),
  });
  const { core, events } = await openBench({
    tools: [shell, pause],
    turns: [[line("npm test", "a")], [call("pause", {}, "b")], [line("npm test", "c")], ["done"]],
  });
  const job = await core.jobs.add(jobOf({ grants: [granted] }), user);
  meanwhile.done = async () => void (await act(core, job.id));
  const done = nextEvent(core, "run.finished");
  const { sessionKey } = await core.jobs.run(job.id);
  await done;
  const [first, , second] = transcript(events, sessionKey).filter((text) => text.includes(" message tool:"));
  expect(first).toContain("ran npm test");
  return second!;
}

const update = (patch: Parameters<Core["jobs"]["update"]>[1]) => (core: Core, id: string) =>
  core.jobs.update(id, patch, user);

test.each([
  ["its job is removed", (core: Core, id: string) => core.jobs.remove(id), "the job was removed"],
  ["they are taken from the job", update({ grants: [] }), "they were changed after this run began"],
  ["the job is given none", update({ grants: null }), "they were changed after this run began"],
  ["it is another one", update({ grants: [other] }), "they were changed after this run began"],
  [
    "something is denied beside it",
    update({ grants: [granted, { deny: "exec", command: "npm *" }] }),
    "they were changed after this run began",
  ],
])("a grant ends for a run under way when %s", async (_, act, why) => {
  expect(await afterwards(act)).toContain(`Its grants do not hold any more: ${why}. Nothing was done.`);
});

test.each([
  ["more is granted", update({ grants: [other, granted] })],
  ["the job is turned off", update({ enabled: false })],
])("a grant still holds for a run under way when %s", async (_, act) => {
  expect(await afterwards(act)).toContain("ran npm test");
});
