import { expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import * as z from "zod";
import type { KeptCommand } from "../../../src/core/ports/commandRows.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Schedule } from "../../../src/protocol/job.ts";
import { toldJob } from "../../../src/rules/coverWords.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { type Bench, openBench } from "../bench.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { posixTest } from "../../posix.ts";
import { failWrites, historyOf, HOUR, jobOf, MINUTE, openJobsBench, SECOND, user } from "./jobsBench.ts";

const onBuild: Schedule = { kind: "exit", command: "npm run build *" };

posixTest("a command that the agent started in the background fires the job that waits for its end", async () => {
  const { core, store } = await openBench({
    tools: [exec],
    settings: { approvals: "auto", sandbox: "off" },
    turns: [[call("exec", { command: "sleep 1", background: true })], ["started"]],
  });
  const job = await core.jobs.add(jobOf({ schedule: { kind: "exit", command: "sleep 1" } }), user);
  await (
    await core.sessions.send({ text: "go", origin: user, sessionKey: "main" })
  ).outcome;
  await expect
    .poll(async () => (await store.listSlots({ jobId: job.id, limit: 5 }))[0]?.started)
    .toBe("sleep 1 ended with 0");
});

/** A core whose agent begins commands that end when the test says so. */
async function openCommands() {
  const running = new Map<string, KeptCommand>();
  const begins = defineTool({
    name: "begins",
    description: "Begins a command.",
    input: z.strictObject({ command: z.string(), workspace: z.string().optional() }),
    effect: "read",
    async run({ command, workspace }, { keepCommand, session, runId, ...context }) {
      const about = { command, sessionKey: session.key, by: runId, workspace: workspace ?? context.workspace };
      running.set(command, await keepCommand!(about));
      return { text: "it runs" };
    },
  });
  const bench = await openJobsBench({ tools: [begins] });
  const begin = async ({ core, model }: Pick<Bench, "core" | "model">, command: string, workspace?: string) => {
    model.turns.push([call("begins", { command, ...(workspace ? { workspace } : {}) })], ["ok"]);
    await (
      await core.sessions.send({ text: "go", origin: user, sessionKey: "main" })
    ).outcome;
  };
  return { ...bench, begin, running, end: (command: string, code: number | null) => running.get(command)!.ended(code) };
}

test("fires the jobs of its folder that wait for it, each time, and no others", async () => {
  const { begin, end, clock, ...bench } = await openCommands();
  const { core, store } = bench;
  const job = await core.jobs.add(jobOf({ schedule: onBuild }), user);
  for (const command of ["npm run build -- --fast", "npm run lint", "npm run build x"]) await begin(bench, command);
  await begin(bench, "npm run build y", "/elsewhere");
  end("npm run build -- --fast", 1);
  end("npm run lint", 0);
  end("npm run build y", 0);
  await settle();
  expect(await historyOf(store, job.id)).toEqual(["00:00 ok exit"]);
  expect((await store.listSlots({ limit: 1 }))[0]!.started).toBe("npm run build -- --fast ended with 1");
  await clock.advance(MINUTE);
  end("npm run build x", null);
  await settle();
  expect(await historyOf(store, job.id)).toEqual(["00:00 ok exit", "00:01 ok exit"]);
  expect((await store.listSlots({ limit: 1 }))[0]!.started).toBe("npm run build x was stopped");
});

test("what ended in a folder before a declared job came to it is no news to it", async () => {
  const { begin, end, clock, ...bench } = await openCommands();
  const { core, store } = bench;
  core.workspaces.offer(["/elsewhere"]);
  const declare = (more = {}) => core.jobs.declare([{ file: "/o.yml", jobs: [jobOf({ schedule: onBuild, ...more })] }]);
  await declare();
  await begin(bench, "npm run build 1", "/elsewhere");
  end("npm run build 1", 0);
  await settle();
  await declare({ workspace: "/elsewhere" });
  await clock.advance(MINUTE);
  await settle();
  expect(await historyOf(store)).toEqual([]);
  await begin(bench, "npm run build 2", "/elsewhere");
  end("npm run build 2", 0);
  await settle();
  expect((await historyOf(store)).map((line) => line.slice(6))).toEqual(["ok exit"]);
});

test("what ended before the job was there, or while it was off, is no news to it", async () => {
  const { begin, end, ...bench } = await openCommands();
  const { core, store } = bench;
  await begin(bench, "npm run build 1");
  end("npm run build 1", 0);
  const job = await core.jobs.add(jobOf({ schedule: onBuild }), user);
  await core.jobs.update(job.id, { enabled: false });
  await begin(bench, "npm run build 2");
  end("npm run build 2", 0);
  await settle();
  await core.jobs.update(job.id, { enabled: true });
  core.look();
  await settle();
  expect(await historyOf(store, job.id)).toEqual([]);
});

test("that the job's own run started is no news to it", async () => {
  const { end, ...bench } = await openCommands();
  const { core, store, model } = bench;
  const job = await core.jobs.add(jobOf({ schedule: onBuild }), user);
  model.turns.push([call("begins", { command: "npm run build x" })], ["ok"]);
  await core.jobs.run(job.id);
  await settle();
  end("npm run build x", 0);
  await settle();
  expect(await historyOf(store, job.id)).toEqual(["00:00 ok manual"]);
});

test("an end that was stored before a kill is fired for once by who comes after", async () => {
  const { begin, end, clock, ...bench } = await openCommands();
  const job = await bench.core.jobs.add(jobOf({ schedule: onBuild }), user);
  await begin(bench, "npm run build x");
  failWrites(bench.store, (batch) => batch.claims !== undefined, Infinity);
  end("npm run build x", 0);
  await settle();
  expect(await historyOf(bench.store, job.id)).toEqual([]);
  const again = await bench.kill();
  await settle();
  expect(await historyOf(again.store, job.id)).toEqual(["00:00 ok exit"]);
  await clock.advance(HOUR);
  expect(await historyOf(again.store, job.id)).toHaveLength(1);
});

test.each([
  ["once" as const, "misfire", "ok", "It fired for that."],
  ["skip" as const, "misfire", "missed", "It did not fire for that."],
])("one that ran when its gateway was killed is a slot in doubt: %s", async (policy, cause, status, done) => {
  const { begin, end, clock, ...bench } = await openCommands();
  const job = await bench.core.jobs.add(jobOf({ schedule: onBuild, misfire: { policy } }), user);
  await begin(bench, "npm run build x");
  await begin(bench, "npm run lint");
  const again = await bench.kill();
  await settle();
  const [slot] = await again.store.listSlots({ jobId: job.id, limit: 5 });
  expect(slot).toMatchObject({ cause, status, inDoubt: true });
  expect(slot!.started).toBe("npm run build x: in doubt whether it ended by itself, or with the process that ran it");
  const told = await again.core.jobs.get(job.id);
  expect(told.state.inDoubt).toBe(slot!.started);
  expect(toldJob(told).notes).toEqual([`${slot!.started}. ${done}`]);
  // Where the process was only away, and tells the end after all, that is the same one.
  end("npm run build x", 0);
  await clock.advance(HOUR);
  await settle();
  expect(await again.store.listSlots({ jobId: job.id, limit: 5 })).toHaveLength(1);
  // The next end is as any other, and nothing is in doubt any more.
  await begin(again, "npm run build z");
  end("npm run build z", 0);
  await settle();
  expect((await again.store.listSlots({ jobId: job.id, limit: 1 }))[0]).toMatchObject({ cause: "exit", status: "ok" });
  expect((await again.core.jobs.get(job.id)).state.inDoubt).toBeUndefined();
});

test("one that ends with its gateway is no end that anybody waits for", async () => {
  const { begin, end, clock, ...bench } = await openCommands();
  const job = await bench.core.jobs.add(jobOf({ schedule: onBuild }), user);
  await begin(bench, "npm run build x");
  const again = await bench.restart();
  end("npm run build x", null);
  await clock.advance(HOUR + SECOND);
  await settle();
  expect(await historyOf(again.store, job.id)).toEqual([]);
});
