import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isoTime } from "../base/clock.ts";
import { entryAt } from "../base/files/entryAt.ts";

/** Says that a store holds nothing though other stores lie beside it, and what to do; undefined where that is not so. */
export function emptyBesideCopies(path: string): { problem: string; fix: string } | undefined {
  if ((entryAt(path)?.size ?? 0) > 0) return undefined;
  const copies = storesBeside(path);
  if (copies.length === 0) return undefined;
  const shown = copies.map(({ file, at }) => `${file} (${isoTime(at)})`).join(", ");
  return {
    problem: `${path} is empty or missing, and beside it lies what may be a copy of it: ${shown}`,
    fix: `To have a copy back, stop Pincer, copy it to ${path} and start again. What was damaged is repaired by that start.`,
  };
}

/** Damaged stores that a start set aside, newest first, each with when that was and, in lines, what of it could not be read. */
export function setAside(path: string): { file: string; at: string; lost: string[] }[] {
  return storesBeside(path)
    .filter(({ file }) => DAMAGED.test(file))
    .map(({ file }) => ({ file, at: DAMAGED.exec(file)![1]!, lost: linesOf(`${file}.lost.txt`) }))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    // Older ones have none.
    return [];
  }
}

const DAMAGED = /\.damaged-([^/\\]*Z)(?:-\d+)?$/;

/** Files of SQLite in the same folder, newest first. */
function storesBeside(path: string): { file: string; at: number }[] {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  return names
    .map((name) => join(dirname(path), name))
    .filter((file) => file !== path && !/\.(repair|fresh|mended|partial)$/.test(file) && isStore(file))
    .map((file) => ({ file, at: statSync(file).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
}

function isStore(file: string): boolean {
  // A FIFO would be waited for.
  if (!entryAt(file)?.isFile()) return false;
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const start = Buffer.alloc(15);
    readSync(handle, start, 0, start.length, 0);
    return start.toString("latin1") === "SQLite format 3" || DAMAGED.test(file);
  } catch {
    return false;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
