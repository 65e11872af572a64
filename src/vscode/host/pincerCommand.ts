import { readFile } from "node:fs/promises";
import path from "node:path";
import { defaultStateDir } from "../../base/files/defaultStateDir.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { valueOf } from "../../base/findProgram.ts";

/**
 * Puts a `pincer` for shells into the state folder's bin/ that runs `cli` with the Node.js that runs us, so that nobody
 * needs another one. It goes by that state folder where its environment names none. Resolves with the folder, to be put
 * on a PATH.
 */
export async function writePincerCommand(stateDir: string, cli: string, node = process.execPath): Promise<string> {
  const folder = path.join(stateDir, "bin");
  await makeFolders(folder, 0o700);
  const named = stateDir === defaultStateDir() ? undefined : stateDir;
  // Not told to the terminal itself: an editor that is started there would take it for the user's, above its setting.
  const home = named === undefined ? "" : `[ -n "$PINCER_HOME" ] || export PINCER_HOME=${shellQuote(named)}\n`;
  // The editor's own executable is a Node.js when it is told to be one; a plain Node.js does not mind.
  await put(
    path.join(folder, "pincer"),
    `#!/bin/sh\n${home}ELECTRON_RUN_AS_NODE=1 exec ${shellQuote(node)} ${shellQuote(cli)} "$@"\n`,
  );
  if (process.platform === "win32")
    await put(path.join(folder, "pincer.cmd"), toBatchFile(node, cli, process.env, named));
  return folder;
}

/**
 * A batch file that runs `cli`. cmd reads it in a code page that may lack the letters of a user's name: what lies below a
 * folder that has a variable is named by that, and for what is left the code page is another one for as long as it takes.
 * `stateDir` is the one of a user who names none.
 */
export function toBatchFile(
  node: string,
  cli: string,
  env: Record<string, string | undefined>,
  stateDir?: string,
): string {
  const call = `${[node, cli].map((file) => `"${byVariable(file, env)}"`).join(" ")} %*`;
  const home =
    stateDir === undefined ? [] : [`if not defined PINCER_HOME set "PINCER_HOME=${byVariable(stateDir, env)}"`];
  const start = ["@echo off", "setlocal DisableDelayedExpansion", "set ELECTRON_RUN_AS_NODE=1"];
  const lines = /[^\x20-\x7e]/.test(`${home.join("")}${call}`)
    ? [
        ...start,
        "for /f \"tokens=2 delims=:.\" %%p in ('chcp') do set page=%%p",
        "chcp 65001 >nul",
        ...home,
        call,
        "set code=%errorlevel%",
        "chcp %page% >nul",
        "exit /b %code%",
      ]
    : [...start, ...home, call];
  return lines.map((line) => `${line}\r\n`).join("");
}

function byVariable(file: string, env: Record<string, string | undefined>): string {
  const literal = (text: string) => text.replaceAll("%", "%%");
  for (const name of ["LOCALAPPDATA", "APPDATA", "USERPROFILE"]) {
    const folder = valueOf(env, name);
    if (folder && file.toLowerCase().startsWith(`${folder}\\`.toLowerCase()))
      return `%${name}%${literal(file.slice(folder.length))}`;
  }
  return literal(file);
}

/** In one step: another window, or a shell, may be reading it. */
async function put(file: string, text: string): Promise<void> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before !== text) await replaceFile(file, text, 0o755);
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
