import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import { mayDoWords } from "../../../src/rules/coverWords.ts";
import { nextEvent, openBench } from "../bench.ts";
import { jobByHand, user } from "./jobsBench.ts";

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
  const job = await core.jobs.add(jobByHand({ grants }), user);
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
  ["the session that it works in", { sessionTarget: "main" }, () => {}, "session"],
  ["its condition", { condition: { command: "npm test" } }, () => {}, "condition"],
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

test("a session that cannot be read for now is no other folder: the job does not fire, and its grants hold after", async () => {
  const { core, store } = await openBench({ turns: [["done"]] });
  const job = await core.jobs.add(jobByHand({ grants, sessionTarget: "main" }), user);
  const { getSession } = store;
  let failed = 0;
  store.getSession = async (key) => {
    if (failed++ < 1) throw new AppError("unavailable", "The disk does not answer");
    return getSession(key);
  };
  await expect(core.jobs.run(job.id)).rejects.toMatchObject({ code: "unavailable" });
  const done = nextEvent(core, "run.finished");
  expect((await core.jobs.run(job.id)).grantsVoid).toBeUndefined();
  await done;
});

test.each<[string, string[], string]>([
  ["the scripts of a folder that an option names", ["npm --prefix sub test"], "sub/package.json"],
  ["the same, in one word", ["npm --prefix=sub test"], "sub/package.json"],
  ["the scripts of a workspace", ["npm test -w sub"], "sub/package.json"],
  ["a Makefile elsewhere", ["make -C sub"], "sub/Makefile"],
  ["a Makefile elsewhere, in one word", ["make -Csub"], "sub/Makefile"],
  ["a Makefile of another name", ["make -fother.mk"], "other.mk"],
  ["a script in a folder that is gone to", ["cd sub", "sh x.sh"], "sub/x.sh"],
  ["the scripts of a folder that is gone to", ["npm test", "cd sub"], "sub/package.json"],
  ["what node adds to a name", ["node scripts/check"], "scripts/check.js"],
  ["what node loads before", ["node -r ./pre main.js"], "pre.js"],
  ["the index of a folder", ["node pkg"], "pkg/index.js"],
  ["a module", ["python3 -m tools.check"], "tools/check.py"],
  ["a package that is a module", ["python3 -m tool"], "tool/__main__.py"],
  ["what a wrapper of Gradle builds by", ["./gradlew test"], "build.gradle"],
  ["a file named as what else a job is bound to", ["sh payload"], "payload"],
])("grants are bound to %s", async (_, commands, name) => {
  let text = '{"scripts":{"test":"one"}}';
  const { core, folder } = await openBench({
    turns: [["done"], ["done"]],
    fileBytes: async (path) => (path === join(folder, name) ? Buffer.from(text) : undefined),
  });
  const rules = commands.map((command) => ({ allow: "exec" as const, command }));
  const job = await core.jobs.add(jobByHand({ grants: rules }), user);
  const fired = async () => {
    const done = nextEvent(core, "run.finished");
    const slot = await core.jobs.run(job.id);
    await done;
    return slot.grantsVoid;
  };
  expect(await fired()).toBeUndefined();
  text = text.replace("one", "two");
  expect(await fired()).toContain(`${name} changed`);
});

test.each([
  ["touch out.txt", "out.txt", false],
  ["cp a.txt out.txt", "out.txt", false],
  ["sh out.txt", "out.txt", true],
  ["./touch out.txt", "touch", true],
  ["pytest out.py", "out.py", true],
  ["npx vitest run out.test.ts", "out.test.ts", true],
  ["sort --compress-program=./out.sh a.txt", "out.sh", true],
])("of %s, %s is bound: not where it is only worked on", async (command, name, isBound) => {
  const { core, folder } = await openBench({
    fileBytes: async (path) => (path === join(folder, name) ? Buffer.from("1") : undefined),
  });
  const job = await core.jobs.add(jobByHand({ grants: [{ allow: "exec", command }] }), user);
  expect(Object.keys(job.grantedFor!).some((key) => join(key) === name)).toBe(isBound);
});

test("a file named payload does not hide that the payload changed", async () => {
  const { core, folder } = await openBench({
    turns: [["done"]],
    fileBytes: async (path) => (path === join(folder, "payload") ? Buffer.from("1") : undefined),
  });
  const job = await core.jobs.add(jobByHand({ grants: [{ allow: "exec", command: "sh payload" }] }), user);
  await core.jobs.update(job.id, { payload: { kind: "agentTurn", message: "other" } });
  const done = nextEvent(core, "run.finished");
  expect((await core.jobs.run(job.id)).grantsVoid).toContain("payload changed");
  await done;
});

test("what a job may do says that its grants are void, since what, from the moment on; given again, they hold", async () => {
  files.clear();
  files.set("scripts/a.mjs", "1").set("package.json", "{}");
  const { core, folder } = await openBench({
    fileBytes: async (path) => {
      const text = files.get(path.slice(folder.length + 1));
      return text === undefined ? undefined : Buffer.from(text);
    },
  });
  const told: string[] = [];
  core.events.on((event) => {
    if (event.type === "job.changed") told.push(event.job.mayDo ?? "");
  });
  const { id } = await core.jobs.add(jobByHand({ grants }), user);
  const words = "run exactly `node scripts/a.mjs`; run exactly `npm test`";
  const may = async () => mayDoWords(await core.jobs.get(id));
  expect(await may()).toBe(words);
  files.set("scripts/a.mjs", "2");
  const isVoid = `nothing unasked, and nobody is asked. Void since scripts/a.mjs changed: ${words}`;
  expect(await may()).toBe(isVoid);
  expect((await core.jobs.list()).map(mayDoWords)).toEqual([isVoid]);
  await core.jobs.update(id, { payload: { kind: "agentTurn", message: "other" } });
  expect(told.at(-1)).toBe(isVoid.replace("scripts/a.mjs", "scripts/a.mjs, payload"));
  await core.jobs.update(id, { grants: grants! });
  expect(await may()).toBe(words);
  expect(told.at(-1)).toBe(words);
});

test("grants that were bound to less are bound to the rest at the next start, and hold until that changes", async () => {
  files.clear();
  const bench = await openBench({});
  const job = await bench.core.jobs.add(jobByHand({ grants }), user);
  const { session: _, condition: __, ...less } = job.grantedFor!;
  await bench.store.commit({ jobs: [{ put: { ...job, grantedFor: less }, expect: 1 }] });
  await bench.core.jobs.start();
  expect((await bench.core.jobs.get(job.id)).grantedFor).toEqual(job.grantedFor);
  await bench.core.jobs.update(job.id, { sessionTarget: "main" });
  expect((await bench.core.jobs.get(job.id)).grantsVoid).toEqual(["session"]);
});
