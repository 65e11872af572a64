import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../../base/files/replaceFile.ts";

/**
 * Puts a `pincer` for shells into the state folder's bin/ that runs `cli` with the Node.js that runs us, so that nobody
 * needs another one. Resolves with the folder, to be put on a PATH.
 */
export async function writePincerCommand(stateDir: string, cli: string, node = process.execPath): Promise<string> {
  const folder = path.join(stateDir, "bin");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The editor's own executable is a Node.js when it is told to be one; a plain Node.js does not mind.
  await put(
    path.join(folder, "pincer"),
    `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${shellQuote(node)} ${shellQuote(cli)} "$@"\n`,
  );
  if (process.platform === "win32") {
    const quoted = [node, cli].map((file) => `"${file.replaceAll("%", "%%")}"`).join(" ");
    await put(
      path.join(folder, "pincer.cmd"),
      `@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n${quoted} %*\r\n`,
    );
  }
  return folder;
}

/** In one step: another window, or a shell, may be reading it. */
async function put(file: string, text: string): Promise<void> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before !== text) await replaceFile(file, text, 0o755);
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
