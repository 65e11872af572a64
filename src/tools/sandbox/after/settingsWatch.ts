import { existsSync, type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { protectedScan } from "../protectedScan.ts";
import { seenPaths } from "../seenPaths.ts";
import { type Before, placesIn } from "./settle.ts";
import { setOddAside } from "./oddNames.ts";
import { decides, type SetAside, setAside } from "./setAside.ts";

const LOOK_MS = 250;
/** Of its time a look takes the twentieth part at most: a large workspace is looked through less often. */
const PART = 20;
const NEAR_PART = 5;
/** A tool may want its folder for each file that it puts there. */
const MOST_TIMES = 5;
const MAX_WATCHED = 100;

export interface SettingsWatch {
  /** Calls `end` with the name of what the command made again and again although it was set aside. */
  onInsisting(end: (name: string) => void): void;
  /** Resolves with what was set aside. */
  stop(): Promise<SetAside>;
}

/**
 * Sets aside what a command makes that decides what code runs as soon as it is seen: editors act upon a new repository or
 * setting at once. At the top, where they look, the kernel tells of it; further down it is seen at the next look.
 */
export function watchSettings(before: Before): SettingsWatch {
  const { workspace, began, since = began } = before;
  const isSeen = seenPaths(before.seen, workspace);
  const ruling = new Map(before.ruling);
  const known = new Set(before.known);
  const all: SetAside = { renamed: [], left: [] };
  const times = new Map<string, number>();
  const watched = new Map<string, FSWatcher>();
  let insisted: string | undefined;
  let end: ((name: string) => void) | undefined;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  let isNearPlanned = false;

  const note = (renamed: string[]): void => {
    all.renamed.push(...renamed);
    for (const name of renamed) {
      times.set(name, (times.get(name) ?? 0) + 1);
      if (times.get(name)! < MOST_TIMES || insisted !== undefined) continue;
      insisted = name;
      end?.(name);
    }
  };
  const lookAt = async (places: string[]): Promise<void> => {
    note((await setAside(workspace, ruling, { known, began, places, isSeen, isRunning: true })).renamed);
    await watchTop();
  };
  const repositories = new Set<string>();
  let resting = 0;
  const lookNear = async (): Promise<void> => {
    isNearPlanned = false;
    const from = performance.now();
    await lookAt([join(workspace, ".git"), ...repositories].filter((place) => existsSync(place)));
    // Who changes names all the time pays for it, and not the gateway.
    resting = Math.min(LOOK_MS, (performance.now() - from) * NEAR_PART);
  };
  const lookFar = async (): Promise<void> => {
    const from = performance.now();
    try {
      const now = await protectedScan.find(workspace, { since });
      const places = now ? placesIn(now) : [];
      for (const place of places) if (!ruling.has(place)) repositories.add(place);
      await lookAt(places);
      all.renamed.push(...(await setOddAside(now?.odd ?? [], since)).map((path) => relative(workspace, path)));
    } finally {
      plan(Math.max(LOOK_MS, (performance.now() - from) * PART));
    }
  };
  // One after another; what cannot be looked at now is looked at in the end.
  const queue = (look: () => Promise<void>): void => {
    looking = looking.then(async () => (isOver ? undefined : await look().catch(() => {})));
  };
  const plan = (wait: number): void => {
    if (!isOver) timer = setTimeout(() => queue(lookFar), wait).unref();
  };
  const soon = (): void => {
    if (isNearPlanned || isOver) return;
    isNearPlanned = true;
    setTimeout(() => queue(lookNear), resting).unref();
  };
  const watchTop = async (): Promise<void> => {
    const names = await readdir(workspace, { withFileTypes: true });
    const folders = names.filter((one) => one.isDirectory() && one.name.startsWith(".")).map(({ name }) => name);
    for (const place of [workspace, ...folders.map((name) => join(workspace, name)), ...repositories]) {
      if (isOver || watched.has(place) || watched.size >= MAX_WATCHED) continue;
      const dot = place === workspace || repositories.has(place) ? "" : `${relative(workspace, place)}/`;
      const matters = (name: string) =>
        repositories.has(place) || decides(dot + name) || (dot === "" && name.startsWith("."));
      const watcher = watching(place, (name) => (name === null || matters(name)) && soon());
      if (watcher) watched.set(place, watcher);
    }
  };
  queue(watchTop);
  plan(LOOK_MS);
  return {
    onInsisting(listener) {
      end = listener;
      if (insisted !== undefined) listener(insisted);
    },
    async stop() {
      isOver = true;
      clearTimeout(timer);
      for (const watcher of watched.values()) watcher.close();
      await looking;
      return all;
    },
  };
}

function watching(folder: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => changed(name))
      .unref()
      .on("error", () => {});
  } catch {
    return undefined;
  }
}
