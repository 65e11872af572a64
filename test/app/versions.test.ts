import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { App } from "../../src/app.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";

/** A window of that version, with a folder of its own. */
function openWindow(bench: AppBench, version: string): Promise<App> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-version-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return bench.open({
    mode: "join",
    host: bench.host({ name: `window ${version}`, version, workspaces: () => [folder] }),
  });
}

const leads = (app: App) =>
  new Promise<void>((resolve) => {
    const look = () => app.role === "leader" && resolve();
    app.onDidChange(look);
    look();
  });

test("a newer Pincer leads as soon as the older one has nothing under way; the older says why it ends, and joins it", async () => {
  const bench = createAppBench();
  const older = await openWindow(bench, "0.9.0");
  expect(older.role).toBe("leader");
  const newer = await openWindow(bench, "0.10.0");
  await leads(newer);
  expect(await older.closed).toBe("a newer Pincer leads now: window 0.10.0, version 0.10.0");
  const again = await openWindow(bench, "0.9.0");
  expect([again.role, again.url]).toEqual(["client", newer.url]);
  expect((await call(newer, "/health")).status).toBe(200);
});

test("what is under way in the older one is not cut off", async () => {
  const bench = createAppBench();
  const model = await startOpenaiChatServer();
  onTestFinished(() => model.close());
  bench.configure(
    `model: local/qwen3\nproviders: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] } }\n`,
  );
  const older = await openWindow(bench, "1.0.0");
  const client = createRouteClient(await older.connect("panel"));
  const gate = Promise.withResolvers<void>();
  model.script(async ({ text }) => {
    await gate.promise;
    return { text: `Echo: ${text}` };
  });
  const sent = client.call("sessions.send", { message: "hello", sessionKey: "main" });
  await model.received(1);
  const newer = await openWindow(bench, "1.0.1");
  const newerLeads = leads(newer);
  // Longer than it takes one that has nothing under way.
  expect(await Promise.race([older.closed, new Promise((resolve) => setTimeout(resolve, 2500, "leads on"))])).toBe(
    "leads on",
  );
  gate.resolve();
  expect((await sent).reply).toBe("Echo: hello");
  await newerLeads;
});

test("the same version, or an older one, takes the lead from nobody", async () => {
  const bench = createAppBench();
  const first = await openWindow(bench, "0.10.0");
  for (const version of ["0.10.0", "0.9.9"]) expect((await openWindow(bench, version)).role).toBe("client");
  expect(await Promise.race([first.closed, new Promise((resolve) => setTimeout(resolve, 2500, "leads on"))])).toBe(
    "leads on",
  );
});

test("an older Pincer attaches to the gateway of a newer one whose store it cannot read, and else says why not", async () => {
  const bench = createAppBench();
  const newer = await openWindow(bench, "2.0.0");
  const db = new DatabaseSync(join(bench.stateDir, "pincer.db"));
  const version = Number(db.prepare("PRAGMA user_version").get()!["user_version"]);
  db.exec(`PRAGMA user_version = ${version + 1}`);
  const older = await openWindow(bench, "1.0.0");
  expect([older.role, older.url]).toEqual(["client", newer.url]);
  expect((await call(older, "/health")).status).toBe(200);
  await older.close();
  bench.forget(older);
  await newer.close();
  bench.forget(newer);
  await expect(openWindow(bench, "1.0.0")).rejects.toThrow(
    `The store was written by a newer Pincer (version ${version + 1}; this one knows ${version})`,
  );
  db.close();
});
