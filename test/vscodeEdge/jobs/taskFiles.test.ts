import type * as vscode from "vscode";
import { beforeEach, expect, test } from "vitest";
import type { Job, Payload } from "../../../src/protocol/job.ts";
import { editJob } from "../../../src/vscode/jobs/editJob.ts";
import { TaskFiles } from "../../../src/vscode/jobs/taskFiles.ts";
import { createEdgeGateway, createEdgeWindow, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

beforeEach(() => void openScreen());

const TASK = "Look at three things:\n\n1. the build\n2. the tests\n\tand their times";

function open(payload: Payload = { kind: "agentTurn", message: TASK }, name = "Night: a/b") {
  const job = {
    ...{ id: "job_1", name, payload, schedule: { kind: "every", everyMs: 60_000 } },
    ...{ createdAt: "2026-11-22T00:00:00.000Z", updatedAt: "2026-11-23T00:00:00.000Z", sessionTarget: "isolated" },
  } as Job;
  let now = job;
  const gateway = createEdgeGateway({
    "cron.get": () => ({ job: now }),
    "cron.update": ({ patch }: { patch: Partial<Job> }) => ({ job: (now = { ...now, ...patch }) }),
  });
  const files = new TaskFiles(toGateway(gateway));
  const changes: vscode.FileChangeEvent[] = [];
  files.onDidChangeFile((found) => void changes.push(...found));
  const edit = async () => {
    screen.answers = [[/Edit job/, "What to do"]];
    await editJob(createEdgeWindow(gateway).window, toGateway(gateway).client(), job);
    return screen.opened.at(-1) as vscode.Uri;
  };
  const save = (uri: vscode.Uri, text: string) => files.writeFile(uri, new TextEncoder().encode(text));
  const read = async (uri: vscode.Uri) => new TextDecoder().decode(await files.readFile(uri));
  const change = (next: Partial<Job>) => gateway.tell({ type: "job.changed", job: (now = { ...now, ...next }) });
  return { gateway, files, changes, edit, save, read, change, job: () => now };
}

test("what a job does is changed in a document, whose lines stay, and what is saved there it does", async () => {
  const { gateway, files, edit, save, read, job } = open();
  const uri = await edit();
  expect(uri).toMatchObject({ scheme: "pincer-task", path: "/job_1/Night- a-b.md" });
  // It is asked for nothing else meanwhile.
  expect(screen.asked.map(({ kind }) => kind)).toEqual(["pick"]);
  expect(screen.said).toEqual(["Save it to change what the job does"]);
  expect(await read(uri)).toBe(TASK);
  const before = await files.stat(uri);
  expect(before).toMatchObject({ type: 1, size: TASK.length, mtime: Date.parse("2026-11-23T00:00:00.000Z") });
  await save(uri, `${TASK}\n3. the docs\n`);
  const message = `${TASK}\n3. the docs`;
  const patch = { payload: { kind: "agentTurn", message } };
  expect(gateway.calls.at(-1)).toEqual(["cron.update", { id: "job_1", patch }]);
  expect(job().payload).toEqual(patch.payload);
  expect((await files.stat(uri)).mtime).toBeGreaterThan(before.mtime);
});

test("a long name is cut between two letters: half a letter has no address", async () => {
  const { edit } = open(undefined, `${"n".repeat(79)}😀 and more`);
  const { path } = await edit();
  expect(encodeURIComponent(path.split("/").at(-1)!)).toBe(`${"n".repeat(79)}.md`);
});

test.each([
  [
    { kind: "systemEvent", text: "a\nb" },
    { kind: "systemEvent", text: "c\nd" },
  ],
  [{ kind: "heartbeat" }, { kind: "heartbeat", instructions: "c\nd" }],
] as [Payload, Payload][])("a job of another kind stays of its kind: %o", async (before, after) => {
  const { edit, save, job } = open(before);
  await save(await edit(), "c\nd");
  expect(job().payload).toEqual(after);
});

test("nothing, a gateway that is away and what the gateway refuses are said, and change nothing", async () => {
  const { gateway, edit, save, job } = open();
  const uri = await edit();
  await expect(save(uri, " \n")).rejects.toThrow("Type what the agent should do");
  gateway.become({ state: "error" });
  gateway.start = async () => {};
  await expect(save(uri, "x")).rejects.toThrow("The Pincer gateway is not running.");
  expect(job().payload).toEqual({ kind: "agentTurn", message: TASK });
});

test("a tab that is looked at waits for a gateway that starts, and starts none that was stopped; what is saved does", async () => {
  const { gateway, files, edit, save, read, job } = open();
  const uri = await edit();
  const start = gateway.start;
  let starts = 0;
  gateway.start = async () => {
    starts += 1;
    await start();
  };
  gateway.become({ state: "stopped" });
  await expect(read(uri)).rejects.toThrow("The Pincer gateway is not running.");
  await expect(files.stat(uri)).rejects.toThrow("The Pincer gateway is not running.");
  expect([gateway.status.state, starts]).toEqual(["stopped", 0]);
  gateway.become({ state: "starting" });
  expect(await read(uri)).toBe(TASK);
  gateway.become({ state: "stopped" });
  await save(uri, "x");
  expect(job().payload).toEqual({ kind: "agentTurn", message: "x" });
});

test("a document that is open follows who else changes what the job does, and nothing else of the job", async () => {
  const { files, changes, edit, read, change } = open();
  change({ name: "Nobody looks at it" });
  const uri = await edit();
  await read(uri);
  change({ updatedAt: "2026-11-24T00:00:00.000Z" });
  expect(changes).toEqual([]);
  const { mtime } = await files.stat(uri);
  change({ name: "Renamed", payload: { kind: "agentTurn", message: "other" } });
  expect(changes).toEqual([{ type: 1, uri }]);
  expect((await files.stat(uri)).mtime).toBeGreaterThan(mtime);
  expect(await read(uri)).toBe("other");
});
