import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "../steps/process.mjs";

/** The `code` command of a VS Code that can open a window here, or undefined. */
export function findDesktop(): string | undefined {
  const { platform, env } = process;
  const hasDisplay = platform === "win32" || platform === "darwin" || env.DISPLAY || env.WAYLAND_DISPLAY;
  // Inside a remote window `code` talks to a VS Code elsewhere, which cannot load an extension from here.
  if (!hasDisplay || env.VSCODE_IPC_HOOK_CLI) return undefined;
  const name = platform === "win32" ? "code.cmd" : "code";
  return (env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** Opens this repository in a new window that loads the extension from it. */
export function openDesktop(code: string): void {
  const windows = process.platform === "win32";
  const args = ["--new-window", `--extensionDevelopmentPath=${root}`, root].map((arg) => (windows ? `"${arg}"` : arg));
  // A .cmd file only runs in a shell.
  const child = spawn(windows ? `"${code}"` : code, args, { stdio: "ignore", detached: true, shell: windows });
  child.on("error", (error) => console.error(`VS Code did not open: ${error.message}`));
  child.unref();
}
