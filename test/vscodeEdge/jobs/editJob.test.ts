import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/protocol/job.ts";
import { editJob } from "../../../src/vscode/jobs/editJob.ts";
import { createEdgeGateway, createEdgeWindow, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

// Loaded on first use in an editor: here before the test's time runs.
beforeAll(async () => void (await import("../../../src/app.ts")));
beforeEach(() => void openScreen());

function open(channels: object[] = [{ id: "telegram" }], parts: Partial<Job> = {}) {
  const job = {
    ...{ id: "job_1", name: "Night", payload: { kind: "agentTurn", message: "look" }, sessionTarget: "isolated" },
    ...{ schedule: { kind: "every", everyMs: 60_000 }, ...parts },
  } as Job;
  const gateway = createEdgeGateway({
    "channels.list": { channels },
    "cron.update": ({ patch }: { patch: Partial<Job> }) => ({ job: { ...job, ...patch } }),
  });
  const edit = async (...answers: [RegExp, string][]) => {
    screen.answers = answers;
    await editJob(createEdgeWindow(gateway).window, toGateway(gateway).client(), job);
    return gateway.calls.filter(([name]) => name === "cron.update").map(([, input]) => input);
  };
  return { edit };
}

const patched = (delivery: object) => [{ id: "job_1", patch: { delivery } }];

test.each([
  ["sent to a chat on telegram", "789:1011", { mode: "announce", channel: "telegram", to: "789:1011" }],
  ["sent to a chat on telegram", " ", { mode: "announce", channel: "telegram" }],
  [
    "a report sent to a chat on telegram",
    "123",
    { mode: "announce", channel: "telegram", to: "123", content: "report" },
  ],
])("a result goes where it is told to: %s, %j", async (picked, to, delivery) => {
  const { edit } = open();
  expect(await edit([/^Edit job .*$/, "Result"], [/: Result$/, picked], [/: Result$/, to])).toEqual(patched(delivery));
});

test("Escape changes nothing, and without a channel none is offered", async () => {
  expect(await open().edit([/^Edit job/, "Result"], [/: Result$/, "sent to a chat on telegram"])).toEqual([]);
  expect(await open([]).edit([/^Edit job/, "Result"], [/: Result$/, "Stays in its session"])).toEqual(
    patched({ mode: "none" }),
  );
  const offered = screen.asked.filter(({ text }) => text.endsWith(": Result")).at(-1)!;
  expect(offered.choices.join()).not.toContain("chat");
});

const edited = (patch: object) => [{ id: "job_1", patch }];

test("a condition and what becomes of missed runs keep what is not asked about", async () => {
  const parts: Partial<Job> = {
    condition: { command: "test -f a", timeoutSeconds: 300 },
    misfire: { policy: "once", maxAgeSeconds: 3600 },
  };
  const { edit } = open([], parts);
  expect(await edit([/^Edit job/, "Condition"], [/: Condition$/, "test -f b"])).toEqual(
    edited({ condition: { command: "test -f b", timeoutSeconds: 300 } }),
  );
  expect(await open([], parts).edit([/^Edit job/, "Condition"], [/: Condition$/, " "])).toEqual(
    edited({ condition: null }),
  );
  expect(await open([], parts).edit([/^Edit job/, "Missed runs"], [/: Missed runs$/, "They stay missed"])).toEqual(
    edited({ misfire: { policy: "skip", maxAgeSeconds: 3600 } }),
  );
});

test("a condition and a policy are set where there were none", async () => {
  expect(await open().edit([/^Edit job/, "Condition"], [/: Condition$/, "true"])).toEqual(
    edited({ condition: { command: "true" } }),
  );
  expect(await open().edit([/^Edit job/, "Missed runs"], [/: Missed runs$/, "One catch-up"])).toEqual(
    edited({ misfire: { policy: "once" } }),
  );
});

test("what no job may have is refused where it is typed", async () => {
  const { edit } = open();
  await expect(edit([/^Edit job/, "Name"], [/: Name$/, "n".repeat(201)])).rejects.toThrow("At most 200 characters");
  await expect(edit([/^Edit job/, "Time limit"], [/: Time limit$/, "2592001"])).rejects.toThrow("30 days");
  await expect(edit([/^Edit job/, "Budget in tokens"], [/: Budget in tokens$/, "1.5"])).rejects.toThrow("whole number");
  await expect(edit([/^Edit job/, "Budget"], [/: Budget$/, "Infinity"])).rejects.toThrow("a number above 0");
  expect(screen.asked.filter(({ kind }) => kind === "input")).toHaveLength(4);
  expect(await edit([/^Edit job/, "Name"], [/: Name$/, "n".repeat(200)])).toEqual(edited({ name: "n".repeat(200) }));
});

test("a job that is off says so, and is turned on where it can fire", async () => {
  const off = { enabled: false };
  expect(await open([], off).edit([/^Edit job/, "Turn on"])).toEqual(edited({ enabled: true }));
  const labels = () => screen.asked.at(-1)!.choices;
  expect(labels()).not.toContain("Turn on");
  const schedule = { kind: "at", at: "2020-01-01T00:00:00Z" } as const;
  expect(await open([], { ...off, schedule }).edit()).toEqual([]);
  expect(labels()).not.toContain("Turn on");
});

test.each([
  [new Date(2099, 11, 24, 18, 0), "2099-12-24 18:00"],
  [new Date(2099, 11, 24, 18, 0, 30, 500), "2099-12-24 18:00:30"],
])("a one-shot's schedule is edited as it is: %s", async (at, shown) => {
  const editing = open([], { schedule: { kind: "at", at: at.toISOString() } }).edit([/^Edit job/, "Schedule"]);
  await expect.poll(() => screen.boxes.length).toBe(1);
  const [box] = screen.boxes;
  expect(box).toMatchObject({ value: shown, validationMessage: { severity: 1 } });
  box!.hide();
  expect(await editing).toEqual([]);
});
