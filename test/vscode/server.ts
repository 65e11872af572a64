import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { node } from "../steps/node.mjs";
import { must } from "../steps/process.mjs";
import { runtimeEntry } from "./runtime.mjs";

/** A browser-served VS Code: the real workbench and a real extension host, without a display. */
export interface EditorServer {
  url: string;
  /** All that it printed so far. */
  output(): string;
  /** Ends it with every extension host that it started. */
  stop(): Promise<void>;
}

export interface EditorServerOptions {
  /** A folder for all that it writes. */
  profile: string;
  port: number;
  env?: Record<string, string>;
  /** Asks whether to trust a folder, as the desktop does; otherwise all folders are trusted. */
  asksForTrust?: boolean;
  /** Lets a page start extension tests; suppresses toasts and dialogs. */
  drivesTests?: boolean;
  /** How long extension hosts outlive their page. */
  graceSeconds?: number;
}

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
};

/** Starts the server and resolves when it serves; the runtime must be installed. */
export async function startEditorServer(options: EditorServerOptions): Promise<EditorServer> {
  const { profile, port, asksForTrust = false, drivesTests = false, graceSeconds = 5 } = options;
  writeProfile(profile);
  const args = [
    ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...profileArgs(profile)],
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ...["--reconnection-grace-time", String(graceSeconds)],
    ...(asksForTrust ? [] : ["--disable-workspace-trust"]),
    ...(drivesTests ? ["--vscode-option", "enable-smoke-test-driver"] : []),
  ];
  const child = spawn(node(), [runtimeEntry(), ...args], {
    env: environment(profile, options.env),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that stopping it takes the extension hosts along.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}/healthz`))) {
    if (child.exitCode !== null) throw new Error(`VS Code did not start:\n${output}`);
    await sleep(100);
  }
  return {
    url,
    output: () => output,
    async stop() {
      signalGroup(child.pid, "SIGTERM");
      const timer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), 6_000);
      await ended;
      clearTimeout(timer);
      signalGroup(child.pid, "SIGKILL");
    },
  };
}

/** Installs a .vsix into the profile, as a user would. */
export async function installExtension(profile: string, vsix: string): Promise<void> {
  writeProfile(profile);
  await must(node(), [runtimeEntry(), ...profileArgs(profile), "--install-extension", vsix, "--force"], {
    env: environment(profile),
  });
}

/** A port that is free now, `preferred` or one of the hundred after it when given. */
export async function freePort(preferred = 0): Promise<number> {
  for (let port = preferred; port <= preferred + 100; port += 1) {
    const free = await listenOnce(port);
    if (free !== undefined) return free;
  }
  throw new Error(`No port between ${preferred} and ${preferred + 100} is free`);
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === "object" ? address.port : undefined));
    });
  });
}

function writeProfile(profile: string): void {
  const folder = path.join(profile, "user", "User");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify(quietSettings, undefined, 2), { flag: "wx" });
  } catch {
    // The profile has settings already: they are the user's.
  }
}

function profileArgs(profile: string): string[] {
  return ["--user-data-dir", path.join(profile, "user"), "--extensions-dir", path.join(profile, "extensions")];
}

function environment(profile: string, extra: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: [path.dirname(node()), process.env.PATH].join(path.delimiter),
    HOME: process.env.HOME ?? profile,
    LANG: "C.UTF-8",
    XDG_CONFIG_HOME: path.join(profile, "config"),
    XDG_DATA_HOME: path.join(profile, "data"),
    EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9/none"}',
    ...extra,
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended.
  }
}
