import { linkSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openCheckpoints } from "../../src/store/checkpoints/openCheckpoints.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import { write } from "../../src/tools/writeTool.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

async function open(files: Record<string, string | Uint8Array>, content: string) {
  const folder = tempFolder(files);
  const bounds = () => ({ days: 1, megabytes: 10 });
  const checkpoints = openCheckpoints({ folder: tempFolder(), bounds, clock: systemClock, log: silentLog });
  const bench = await openGatewayBench({
    folder,
    tools: [write],
    files: createDiskFiles(),
    checkpoints,
    settings: { approvals: "auto" },
    turns: [[call("write", { path: "a.txt", content })], ["done"]],
  });
  await bench.post("/api/sessions/send", { message: "change it" });
  const { body } = await bench.get("/api/checkpoints/list");
  return { ...bench, place: join(folder, "a.txt"), ...body.checkpoints[0], checkpoints };
}

const LINES = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const lines = (changes: Record<string, string> = {}) => LINES.map((line) => `${changes[line] ?? line}\n`).join("");

test("hunks of a file are kept or put back one by one, and never over what somebody changed since, unless that is wanted", async () => {
  const { get, post, place, runId, beforeSeq } = await open(
    { "a.txt": lines() },
    lines({ "1": "one", "4": "four", "7": "seven", "9": "nine" }),
  );
  const text = () => readFileSync(place, "utf8");
  const hunks = async () => (await get(`/api/changes/get?runId=${runId}`)).body.files[0].hunks;
  const revert = async (more: object) => (await post("/api/changes/revert", { runId, path: "a.txt", ...more })).body;
  const [one, four, seven, nine] = await hunks();
  expect((await get(`/api/changes/get?runId=${runId}&path=b.txt`)).body.files).toEqual([]);
  expect((await get(`/api/changes/get?runId=${runId}&path=a.txt`)).body.files).toHaveLength(1);
  expect([one, four]).toMatchObject([
    { beforeStart: 1, beforeLines: 1, nowStart: 1, nowLines: 1, kept: false },
    { beforeStart: 4, beforeLines: 1, nowStart: 4, nowLines: 1, kept: false },
  ]);
  // The user goes on beside it, and in one of the places.
  writeFileSync(place, `mine\n${text().replace("seven", "SEVEN")}`);
  expect(await revert({ hunks: [four.id] })).toMatchObject({ restored: ["a.txt"], kept: [] });
  const mixed = `mine\n${lines({ "1": "one", "7": "SEVEN", "9": "nine" })}`;
  expect(text()).toBe(mixed);
  expect((await revert({ hunks: [seven.id] })).kept).toEqual([
    { path: "a.txt", why: "these lines are not as they were when they were looked at" },
  ]);
  const now = await hunks();
  const theirs = now.find(({ beforeStart }: { beforeStart: number }) => beforeStart === 7);
  expect((await revert({ hunks: [theirs.id] })).kept).toEqual([
    { path: "a.txt", why: "somebody else has changed these lines since" },
  ]);
  expect(text()).toBe(mixed);
  const forced = await revert({ hunks: [theirs.id], force: true });
  expect(text()).toBe(`mine\n${lines({ "1": "one", "9": "nine" })}`);
  // And the way back.
  await post("/api/checkpoints/restore", { undo: forced.undo });
  expect(text()).toBe(mixed);
  const kept = await post("/api/changes/keep", { runId, path: "a.txt", hunks: [nine.id] });
  expect(kept.body).toMatchObject({ path: "a.txt", left: 2 });
  expect((await hunks()).map(({ kept: isKept }: { kept: boolean }) => isKept)).toEqual([false, false, true]);
  expect((await post("/api/changes/keep", { runId, path: "a.txt", hunks: ["none"] })).status).toBe(404);
  expect((await post("/api/changes/keep", { runId, path: "a.txt" })).body.left).toBe(0);
  // The whole file is still not put back over it.
  expect((await post("/api/checkpoints/restore", { beforeSeq })).body.kept).toMatchObject([{ path: "a.txt" }]);
  expect(text()).toBe(mixed);
});

test("a file keeps its encoding and its line ends, and where all is put back it is what it was", async () => {
  const before = Buffer.from(lines({ "2": "caf\u00e9" }).replaceAll("\n", "\r\n"), "latin1");
  const { get, post, place, runId } = await open({ "a.txt": before }, lines({ "2": "tee", "8": "acht" }));
  const hunks = async () => (await get(`/api/changes/get?runId=${runId}`)).body.files[0].hunks;
  const [first, second] = await hunks();
  for (const { id } of [first, second])
    expect((await post("/api/changes/revert", { runId, path: "a.txt", hunks: [id] })).body.kept).toEqual([]);
  expect(readFileSync(place)).toEqual(before);
  expect((await get("/api/checkpoints/list")).body.checkpoints[0].files).toMatchObject([{ state: "as_before" }]);
});

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

test("texts of secrets, and of what a rule denies to be read, are told to scope admin alone", async () => {
  const folder = tempFolder({ ".env": "KEY=before\n", "customers/a.csv": "Ada\n", "a.txt": "one" });
  linkSync(join(folder, ".env"), join(folder, "notes.txt"));
  const bounds = () => ({ days: 1, megabytes: 10 });
  const checkpoints = openCheckpoints({ folder: tempFolder(), bounds, clock: systemClock, log: silentLog });
  const [reader, writer] = [`${TOKEN}-eye`, `${TOKEN}-hand`];
  const { get, post } = await openGatewayBench({
    folder,
    checkpoints,
    settings: { rules: [{ deny: "read", path: "customers/**" }] },
    turns: [["done"]],
    gateway: {
      tokens: [
        { name: "default", value: TOKEN, scope: "admin" },
        { name: "eye", value: reader, scope: "read" },
        { name: "hand", value: writer, scope: "write" },
      ],
    },
  });
  const { runId } = (await post("/api/sessions/send", { message: "change it" })).body;
  const run = { sessionKey: "main", runId };
  const now: Record<string, string> = { ".env": "KEY=now\n", "customers/a.csv": "Bea\n", "a.txt": "two" };
  for (const [name, text] of Object.entries({ ...now, "notes.txt": "KEY=now\n" })) {
    await checkpoints.keep(run, join(folder, name));
    writeFileSync(join(folder, name), text);
    await checkpoints.left(run, join(folder, name));
  }
  const changes = async (token: string) =>
    (await get(`/api/changes/get?runId=${runId}`, { Authorization: `Bearer ${token}` })).body.files;
  const told = (files: { path: string; now?: string; hunks: unknown[] }[]) =>
    Object.fromEntries(files.map((file) => [file.path, [file.now, file.hunks.length]]));
  const all = { ".env": ["KEY=now\n", 1], "a.txt": ["two", 1], "customers/a.csv": ["Bea\n", 1] };
  expect(told(await changes(TOKEN))).toMatchObject(all);
  for (const token of [reader, writer]) {
    const files = await changes(token);
    expect(files).toContainEqual({ path: ".env", kind: "changed", state: "as_left", hunks: [] });
    expect(told(files)).toMatchObject({ "a.txt": ["two", 1], "customers/a.csv": [undefined, 0] });
    expect(JSON.stringify(files)).not.toMatch(/KEY|Ada|Bea/);
  }
});
