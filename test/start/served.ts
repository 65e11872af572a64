import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageExtension, vsixPath } from "../steps/package.mjs";
import { root } from "../steps/process.mjs";
import { ensureRuntime, runtimeFolder } from "../vscode/runtime.mjs";
import { installExtension, startEditorServer } from "../vscode/server.ts";
import { builtFrom } from "./build.ts";
import { stateFolder } from "./gateway.ts";

/** Its settings, and what it was installed from. */
const profile = path.join(root, ".cache/start-profile");

/**
 * Serves VS Code to browsers, with this extension installed and this repository open. The address lets in whoever has
 * it; `onGroup` hears of the process group that serves.
 */
export async function serveEditor(onGroup: (pid: number) => void): Promise<{ address: string; stop(): Promise<void> }> {
  if (!existsSync(runtimeFolder())) {
    console.log("Installing a VS Code for the browser, once per machine: about a minute.");
  }
  await ensureRuntime();
  await installIfChanged();
  const server = await startEditorServer({
    profile,
    port: 8080,
    onGroup,
    env: { PINCER_HOME: stateFolder() },
    graceSeconds: 60,
  });
  return { address: server.address({ folder: root }), stop: () => server.stop() };
}

async function installIfChanged(): Promise<void> {
  const stamp = path.join(profile, "installed");
  const built = builtFrom();
  const hash = `${built} ${runtimeFolder()}`;
  if (built !== undefined && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  console.log("Installing the extension in it.");
  rmSync(stamp, { force: true });
  await packageExtension({ built: true });
  await installExtension(profile, vsixPath());
  mkdirSync(profile, { recursive: true });
  writeFileSync(stamp, hash);
}
