import { beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/protocol/job.ts";
import { editJob } from "../../../src/vscode/jobs/editJob.ts";
import { createEdgeGateway, createEdgeWindow, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

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
