import { expect, test } from "vitest";
import type { NewJob } from "../../../src/protocol/job.ts";
import { nextEvent, openBench } from "../bench.ts";
import { jobOf, user } from "./jobsBench.ts";

const files = new Map<string, string>();
const grants: NewJob["grants"] = [
  { allow: "exec", command: "node scripts/a.mjs" },
  { allow: "exec", command: "npm test" },
];

async function slotAfter(change: Partial<NewJob>, edit: () => void): Promise<string | undefined> {
  files.clear();
  files.set("scripts/a.mjs", "1").set("package.json", '{"scripts":{"test":"x"},"version":"1"}');
  const { core, folder } = await openBench({
    turns: [["done"]],
    fileBytes: async (path) => {
      const text = files.get(path.slice(folder.length + 1));
      return text === undefined ? undefined : Buffer.from(text);
    },
  });
  const job = await core.jobs.add(jobOf({ grants }), user);
  if (Object.keys(change).length > 0) await core.jobs.update(job.id, change);
  edit();
  const done = nextEvent(core, "run.finished");
  const slot = await core.jobs.run(job.id);
  await done;
  return slot.grantsVoid;
}

test.each<[string, Partial<NewJob>, () => void, string | undefined]>([
  ["nothing", {}, () => {}, undefined],
  ["its name", { name: "Other" }, () => {}, undefined],
  ["its payload", { payload: { kind: "agentTurn", message: "other" } }, () => {}, "payload"],
  [
    "its payload, granted again",
    { payload: { kind: "agentTurn", message: "other" }, grants: grants! },
    () => {},
    undefined,
  ],
  ["a script that a granted command names", {}, () => files.set("scripts/a.mjs", "2"), "scripts/a.mjs"],
  ["a script that is gone", {}, () => files.delete("scripts/a.mjs"), "scripts/a.mjs"],
  ["a file that now has a word's name", {}, () => files.set("test", "x"), "test"],
  ["what npm runs", {}, () => files.set("package.json", '{"scripts":{"test":"y"}}'), "package.json"],
  ["more of package.json", {}, () => files.set("package.json", '{"scripts":{"test":"x"},"version":"2"}'), undefined],
])("when of a job changes %s, its grants hold or are void, and its slot says so", async (_, change, edit, named) => {
  const said = await slotAfter(change, edit);
  expect(said).toBe(
    named && `Its grants do not hold: ${named} changed since they were given. Give them again to go on.`,
  );
});
