import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Puts a `pincer` for shells into the state folder's bin/ that runs `cli` with the Node.js that runs us, so that nobody
 * needs another one. Gives the folder, to be put on a PATH.
 */
export function writePincerCommand(stateDir: string, cli: string, node = process.execPath): string {
  const folder = path.join(stateDir, "bin");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The editor's own executable is a Node.js when it is told to be one; a plain Node.js does not mind.
  put(
    path.join(folder, "pincer"),
    `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${shellQuote(node)} ${shellQuote(cli)} "$@"\n`,
  );
  if (process.platform === "win32") {
    const quoted = [node, cli].map((file) => `"${file.replaceAll("%", "%%")}"`).join(" ");
    put(path.join(folder, "pincer.cmd"), `@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n${quoted} %*\r\n`);
  }
  return folder;
}

/** In one step: another window, or a shell, may be reading it. */
function put(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o755 });
  renameSync(temporary, file);
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
