import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { offerFolders } from "../../src/app/attached/offerFolders.ts";
import { Emitter } from "../../src/base/emitter.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-other-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const openClient = async (app: Awaited<ReturnType<AppBench["open"]>>) =>
  createClient<Routes>(await app.connect("panel"));

test("an attached window works in its own folder, for as long as it is there", async () => {
  const bench = createAppBench();
  const [first, second] = [makeFolder(), makeFolder()];
  let folders = [first];
  const changed = new Emitter<void>();
  const leader = await bench.open();
  const window = await bench.open({
    host: bench.host({ workspaces: () => folders, onDidChangeWorkspaces: (listener) => changed.on(listener) }),
  });
  expect(window.role).toBe("client");
  const own = await openClient(window);
  const { session } = await own.call("sessions.create", { workspace: first });
  expect(session.workspace).toBe(first);
  const { reply } = await own.call("sessions.spawn", { task: "List the files", workspace: first });
  expect(reply).toContain("not a language model");
  // Whoever names no folder works where the leader does, as before.
  expect((await own.call("sessions.create", {})).session.workspace).toBe(bench.workspace);

  const all = await openClient(leader);
  const listed = async () => (await all.call("workspaces.list", {})).folders;
  expect((await all.call("workspaces.list", {})).offered).toEqual([first]);
  expect(await listed()).toEqual([bench.workspace, first]);
  folders = [second];
  changed.emit();
  await expect.poll(listed).toEqual([bench.workspace, second]);
  await expect(own.call("sessions.create", { workspace: first })).rejects.toMatchObject({ code: "bad_request" });

  await window.close();
  await expect.poll(listed).toEqual([bench.workspace]);
});

test("a folder that is opened while the gateway is told of the others is offered, too", async () => {
  const bench = createAppBench();
  const [first, second] = [makeFolder(), makeFolder()];
  let folders = [first];
  const changed = new Emitter<void>();
  const leader = await bench.open();
  const host = bench.host({ workspaces: () => folders, onDidChangeWorkspaces: (listener) => changed.on(listener) });
  const gate = Promise.withResolvers<void>();
  const offering = offerFolders(host, async () => {
    await gate.promise;
    return leader.connect("palette");
  });
  folders = [first, second];
  changed.emit();
  gate.resolve();
  const offer = await offering;
  const all = await openClient(leader);
  await expect.poll(async () => (await all.call("workspaces.list", {})).offered).toEqual([first, second]);
  offer.dispose();
});

test("folders are offered over a wire, and only absolute ones", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const client = await openClient(leader);
  await expect(client.call("workspaces.offer", { folders: ["../up"] })).rejects.toMatchObject({ code: "bad_request" });
  const answer = await fetch(`${leader.url}/api/workspaces/offer`, {
    method: "POST",
    headers: { authorization: `Bearer ${leader.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ folders: ["/"] }),
  });
  expect(answer.status).toBe(404);
});

test("what the file of a folder declares stays while the folder is away, and goes with the file", async () => {
  const bench = createAppBench();
  const file = join(bench.workspace, "openclaw.yml");
  writeFileSync(
    file,
    "cron: [{ name: Look, schedule: { kind: every, everyMs: 3600000 }, payload: { kind: agentTurn, message: look }, sessionTarget: isolated }]",
  );
  const changed = new Emitter<void>();
  const open = () =>
    bench.open({
      host: bench.host({ onDidChangeWorkspaces: (listener) => changed.on(listener), confirm: async () => true }),
    });
  const jobsOf = async (app: Awaited<ReturnType<typeof open>>) => (await call(app, "/api/cron/list")).body["jobs"];
  const first = await open();
  // It may have been agreed to before the jobs were looked at.
  changed.emit();
  await expect.poll(() => jobsOf(first)).toMatchObject([{ name: "Look", enabled: true }]);
  const jobs = await jobsOf(first);
  bench.forget(first);
  await first.close();

  const away = `${bench.workspace}-away`;
  renameSync(bench.workspace, away);
  const second = await open();
  expect(await jobsOf(second)).toEqual(jobs);
  renameSync(away, bench.workspace);
  changed.emit();
  expect(await jobsOf(second)).toEqual(jobs);
  writeFileSync(join(bench.workspace, "notes.md"), "");
  rmSync(file);
  changed.emit();
  await expect.poll(() => jobsOf(second)).toEqual([]);
});
