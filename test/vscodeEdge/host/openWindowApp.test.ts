import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../src/base/log.ts";
import { configFile } from "../../../src/vscode/host/editorHost.ts";
import { openWindowApp } from "../../../src/vscode/host/openWindowApp.ts";
import { openScreen, screen } from "../editor/vscode.ts";

let folder: string;
beforeEach(() => {
  openScreen();
  folder = mkdtempSync(join(tmpdir(), "pincer-window-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () =>
  openWindowApp({
    ...{ name: "window", version: "0.0.0", stateDir: folder, log: silentLog },
    ...{ workspaces: () => [], secret: async () => undefined },
  });

test("a configuration file that is set and is not there, or is no absolute path, keeps the gateway from starting", async () => {
  const file = join(folder, "dotfiles.yml");
  screen.settings["pincer.configFile"] = file;
  await expect(open()).rejects.toMatchObject({
    code: "bad_request",
    message: `${file} is not there; the setting pincer.configFile names it.`,
    details: [{ path: `${file}:1:1` }],
  });
  screen.settings["pincer.configFile"] = "dotfiles/openclaw.yml";
  await expect(open()).rejects.toThrow("is “dotfiles/openclaw.yml”, which is no absolute path.");
  screen.settings["pincer.configFile"] = "~/dotfiles/openclaw.yml";
  expect(configFile()).toBe(join(homedir(), "dotfiles/openclaw.yml"));

  writeFileSync(file, "agent: { rules: [{ deny: exec }] }\n");
  Object.assign(screen.settings, { "pincer.configFile": file, "pincer.gateway.port": 0 });
  const app = await open();
  expect([app.configPath, app.rules()]).toEqual([file, [{ deny: "exec" }]]);
  await app.close();
});
