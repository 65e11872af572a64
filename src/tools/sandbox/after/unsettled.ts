import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../../base/id.ts";
import { isAlive } from "../../../base/isAlive.ts";
import { pidSpace } from "../../../base/pidSpace.ts";
import { fileFault } from "../../../base/files/fileFault.ts";
import { makeFolders } from "../../../base/files/makeFolders.ts";
import { smallText } from "../../../base/files/smallText.ts";
import { linuxProcess } from "../../../processes/posixProcesses.ts";
import { stateFolders } from "../../../rules/protectedState.ts";
import type { SetAside } from "./setAside.ts";
import { type Before, type ScriptsBefore, settle } from "./settle.ts";

interface Unsettled {
  /** Who settles it, unless it dies before. */
  pid: number;
  space: string;
  started: string;
  before: Before | ScriptsBefore;
}

/** Names of those that this process settles itself. */
const own = new Set<string>();

/**
 * Keeps what is to be settled once a command has ended in the state folder, so that it is also done when this process is killed
 * meanwhile: a command dies with it. Resolves with what does it, once; rejects with `unavailable` where it cannot be kept, as on a full disk.
 */
export async function noteUnsettled(before: Before | ScriptsBefore): Promise<(earlier?: SetAside) => Promise<string>> {
  const folder = place();
  if (folder === undefined) return async (earlier) => await settle(before, earlier);
  const name = `${newId("un")}.json`;
  own.add(name);
  const unsettled: Unsettled = { pid: process.pid, space: pidSpace(), started: startOf(process.pid), before };
  const path = join(folder, name);
  try {
    await makeFolders(folder, 0o700);
    await writeFile(path, JSON.stringify(unsettled), { mode: 0o600 });
  } catch (error) {
    await rm(path, { force: true });
    own.delete(name);
    throw fileFault(error, path, "written");
  }
  return async (earlier) => {
    try {
      return await settle(before, earlier);
    } finally {
      await rm(path, { force: true });
      own.delete(name);
    }
  };
}

/** Settles what processes that are gone left behind, of one workspace or of all. Resolves with what that was, for the model; "" for nothing. */
export async function settleLeft(workspace?: string): Promise<string> {
  const folder = place();
  if (folder === undefined) return "";
  const told: string[] = [];
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!name.endsWith(".json") || own.has(name)) continue;
    const unsettled = parsed(await smallText(join(folder, name), { limit: MOST_BYTES }));
    if (!unsettled || isHeld(unsettled) || (workspace !== undefined && unsettled.before.workspace !== workspace))
      continue;
    // Of several processes that look, the one that renames it does it.
    const taken = join(folder, `${name}.${process.pid}`);
    const isOurs = await rename(join(folder, name), taken).then(
      () => true,
      () => false,
    );
    if (!isOurs) continue;
    told.push(await settle(unsettled.before));
    await rm(taken, { force: true });
  }
  const all = told.join("");
  return all === "" ? "" : `\n[Of a command that its gateway's end cut off:]${all}`;
}

const MOST_BYTES = 64 * 1024 * 1024;

function place(): string | undefined {
  const [state] = stateFolders();
  return state === undefined ? undefined : join(state, "unsettled");
}

function parsed(text: string | undefined): Unsettled | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Unsettled);
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote it is still there. */
function isHeld({ pid, space, started }: Unsettled): boolean {
  return space === pidSpace() && isAlive(pid) && startOf(pid) === started;
}

/** When a process was started, where the system tells: a number is given to another one in time. */
function startOf(pid: number): string {
  return String(linuxProcess(pid)?.began ?? "");
}
