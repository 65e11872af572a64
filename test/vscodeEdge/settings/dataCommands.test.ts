import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { pidSpace } from "../../../src/base/pidSpace.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { dataCommands } from "../../../src/vscode/settings/dataCommands.ts";
import { rememberKey } from "../../../src/vscode/settings/storedKeys.ts";
import { createEdgeGateway, createEdgeWindow, quiet } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

// Loaded on first use in an editor: here before the test's time runs.
beforeAll(async () => void (await import("../../../src/app.ts")));

test("Delete all data asks first, then leaves no key, no secret of a server, no note and no file of ours", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-delete-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  for (const name of ["openclaw.yml", "token", "gateway.json", "holiday.jpg"]) writeFileSync(join(stateDir, name), "x");
  const gateway = createEdgeGateway();
  const { window, secrets, state } = createEdgeWindow(gateway, { host: { stateDir } });
  Object.assign(window.context, { globalStorageUri: { fsPath: join(stateDir, "none") } });
  for (const id of ["anthropic", "my-server"]) await rememberKey(window, id, "a-key-of-mine");
  // As another profile of the editor has stored it.
  secrets.set("mcp.notes.tokens", "a-token-of-mine");
  secrets.set("telegram.token", "1:abc");
  expect(secrets.size).toBe(4);

  openScreen();
  await dataCommands["pincer.deleteAllData"]!(window);
  expect(screen.asked).toMatchObject([{ choices: ["Delete everything"], detail: expect.stringContaining(stateDir) }]);
  expect([secrets.size, gateway.status.state, readdirSync(stateDir).length]).toEqual([4, "running", 4]);

  openScreen([[/^Delete all data/, "Delete everything"]]);
  await dataCommands["pincer.deleteAllData"]!(window);
  expect([[...secrets], [...state], gateway.status.state]).toEqual([[], [], "stopped"]);
  expect(existsSync(join(stateDir, "holiday.jpg"))).toBe(true);
  expect(readdirSync(stateDir)).toEqual(["holiday.jpg"]);
});

test.each([
  ["leads", "Other editor", "Other editor"],
  ["works beside", undefined, "Another window or program"],
])("nothing is deleted beneath a process that %s", async (_what, owner, name) => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-delete-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const path = join(stateDir, "pincer.db");
  const store = await openSqliteStore({ path, clock: systemClock, log: quiet });
  await store.close();
  const database = new DatabaseSync(path);
  const until = Date.now() + 3_600_000;
  const holder = JSON.stringify({ owner, pid: process.ppid, pidSpace: pidSpace(), nonce: "n", url: "" });
  if (owner) database.prepare("INSERT INTO leases VALUES ('gateway', 1, 'n', ?, ?)").run(until, holder);
  else
    database
      .prepare("INSERT INTO workers (nonce, expires_at, pid, pid_space) VALUES ('n', ?, ?, ?)")
      .run(until, process.ppid, pidSpace());
  database.close();
  const gateway = createEdgeGateway();
  const { window, secrets } = createEdgeWindow(gateway, { host: { stateDir, log: quiet } });
  secrets.set("anthropic.apiKey", "a-key-of-mine");
  openScreen([[/^Delete all data/, "Delete everything"]]);
  await expect(dataCommands["pincer.deleteAllData"]!(window)).rejects.toThrow(
    `${name} (process ${process.ppid}) works with this data, and nothing was deleted. Close it first.`,
  );
  expect([secrets.size, existsSync(path), gateway.status.state]).toEqual([1, true, "running"]);
});

test("no example is written where a configuration file is named that is not there: the setting is shown", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-open-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const { window } = createEdgeWindow(createEdgeGateway(), { host: { stateDir } });
  openScreen();
  screen.settings["pincer.configFile"] = join(stateDir, "away", "openclaw.yml");
  await dataCommands["pincer.openConfiguration"]!(window);
  expect(screen.commands.at(-1)).toEqual(["workbench.action.openSettings", "pincer.configFile"]);
  expect(readdirSync(stateDir)).toEqual([]);
});
