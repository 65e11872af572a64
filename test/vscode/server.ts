import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endGroup, must } from "../steps/process.mjs";
import { makeSocketFolder } from "../steps/temporaryFolder.mjs";
import { openEditorDoor } from "./editorDoor.ts";
import { editions } from "./editions.mjs";
import { runtimeEntry } from "./runtime.mjs";

/** A browser-served VS Code: the real workbench and a real extension host, without a display. */
export interface EditorServer {
  port: number;
  /** The address of a window; whoever has it can do all that the editor can. */
  address(query?: Record<string, string>): string;
  /** All that it printed so far. */
  output(): string;
  /** Ends it with every extension host that it started. */
  stop(): Promise<void>;
}

export interface EditorServerOptions {
  /** A folder for all that it writes. */
  profile: string;
  /** Where the installed extensions are; the profile's own when not given. */
  extensions?: string;
  /** The next free one from here on; any when not given. */
  port?: number;
  /** Hears of the process group that is started, before it serves. */
  onGroup?: (pid: number) => void;
  env?: Record<string, string>;
  /** Asks whether to trust a folder, as the desktop does; otherwise all folders are trusted. */
  asksForTrust?: boolean;
  /** Lets a page start extension tests; suppresses toasts and dialogs. */
  drivesTests?: boolean;
  /** How long extension hosts outlive their page. */
  graceSeconds?: number;
  edition?: Edition;
  /** Settings of the user, before those that keep the editor quiet. */
  settings?: Record<string, unknown>;
}

/** Of the VS Codes that are installed for the tests: the usual one, or the oldest that the extension supports. */
export type Edition = "newest" | "oldest";

const quietSettings = {
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.ignoreRecommendations": true,
  // Else the editor greets each start with a toast about the gateway's port.
  "remote.autoForwardPorts": false,
  "git.openRepositoryInParentFolders": "never",
  // As on a desktop: in a browser the editor saves by itself.
  "files.autoSave": "off",
  // Else a short file may be scrolled as something in it is shown, and the line that stays at its top covers what is to be clicked.
  "editor.scrollBeyondLastLine": false,
};

/**
 * Starts the server and resolves when it serves; the runtime must be installed. It listens on a socket file in a folder
 * of this user's; only the door in front of it has a port.
 */
export async function startEditorServer(options: EditorServerOptions): Promise<EditorServer> {
  const { profile, port = 0, asksForTrust = false, drivesTests = false, graceSeconds = 5 } = options;
  const { edition = "newest" } = options;
  writeProfile(profile, options.settings);
  // A profile's own path may be too long for a socket.
  const folder = makeSocketFolder();
  const socket = socketIn(folder, "editor");
  const args = [
    ...["--auth", "none", "--socket", socket, "--socket-mode", "600", "--session-socket", socketIn(folder, "session")],
    ...profileArgs(profile, options.extensions),
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ...(editions[edition].takesGrace ? ["--reconnection-grace-time", String(graceSeconds)] : []),
    ...(asksForTrust ? [] : ["--disable-workspace-trust"]),
    ...(drivesTests ? ["--vscode-option", "enable-smoke-test-driver"] : []),
  ];
  const { program, entryPoint } = runtimeEntry(edition);
  const child = spawn(program, [entryPoint, ...args], {
    env: environment(profile, { edition, extra: options.env }),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that stopping it takes the extension hosts along.
    detached: true,
  });
  const signalAll = (signal: "SIGTERM" | "SIGKILL") => child.pid !== undefined && endGroup(child.pid, signal);
  if (child.pid !== undefined) options.onGroup?.(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  while (!(await answers(socket))) {
    if (child.exitCode !== null) throw new Error(`VS Code did not start:\n${output}`);
    await sleep(100);
  }
  const door = await openEditorDoor({ socket, port });
  return {
    port: door.port,
    address: (query) => door.address(query),
    output: () => output,
    async stop() {
      await door.close();
      signalAll("SIGTERM");
      const timer = setTimeout(() => signalAll("SIGKILL"), 6_000);
      await ended;
      clearTimeout(timer);
      signalAll("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function socketIn(folder: string, name: string): string {
  return process.platform === "win32" ? String.raw`\\.\pipe\${path.basename(folder)}-${name}` : path.join(folder, name);
}

/** Installs a .vsix into the profile, as a user would, or into another folder of extensions. */
export async function installExtension(
  profile: string,
  vsix: string,
  extensions?: string,
  edition: Edition = "newest",
): Promise<void> {
  writeProfile(profile);
  const { program, entryPoint } = runtimeEntry(edition);
  await must(program, [entryPoint, ...profileArgs(profile, extensions), "--install-extension", vsix, "--force"], {
    env: environment(profile, { edition }),
  });
}

function writeProfile(profile: string, settings: Record<string, unknown> = {}): void {
  const folder = path.join(profile, "user", "User");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify({ ...quietSettings, ...settings }, undefined, 2), {
      flag: "wx",
    });
  } catch {
    // The profile has settings already: they are the user's.
  }
}

function profileArgs(profile: string, extensions = path.join(profile, "extensions")): string[] {
  return ["--user-data-dir", path.join(profile, "user"), "--extensions-dir", extensions];
}

function environment(
  profile: string,
  { edition, extra = {} }: { edition: Edition; extra?: Record<string, string> | undefined },
): Record<string, string> {
  return {
    PATH: [path.dirname(runtimeEntry(edition).program), process.env.PATH].join(path.delimiter),
    HOME: process.env.HOME ?? profile,
    LANG: "C.UTF-8",
    XDG_CONFIG_HOME: path.join(profile, "config"),
    XDG_DATA_HOME: path.join(profile, "data"),
    EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9/none"}',
    ...extra,
  };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/healthz" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("error", () => resolve(false)).end();
  });
}
