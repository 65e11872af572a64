import { type Dirent, lstatSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isOddName } from "../after/oddNames.ts";
import { isBareRepository } from "./gitPlaces.ts";

interface Listing {
  /** By the kernel's own time. */
  changed: number;
  folders: string[];
  hasGit: boolean;
  isBare: boolean;
  hasOdd: boolean;
}

/** How long the clock of a file system may stand still. */
const CLOCK_STEP_MS = 50;
/** How far it may be behind that of programs. */
const CLOCK_LAG_MS = 10;
const MAX_FOLDERS = 100_000;
const MAX_KEPT = 200_000;

/**
 * Repositories among packages, where nobody keeps any but a command may hide one: an editor opens what it hears of, wherever it
 * lies. A folder that has not changed since the last look is not read again.
 */
class PackageRepositories {
  #listings = new Map<string, Listing & { readAt: number }>();

  /** Those below these folders that were made, moved or changed since a time, and folders with names that are no text. */
  async find(folders: string[], since: number): Promise<{ places: string[]; odd: string[] }> {
    const found: string[] = [];
    const odd: string[] = [];
    const waiting = [...folders];
    for (let count = 0; waiting.length > 0 && count < MAX_FOLDERS; count += 1) {
      if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      const folder = waiting.pop()!;
      const now = look(folder);
      if (!now?.isDirectory()) continue;
      const { hasGit, isBare, hasOdd, folders: below } = await this.#listing(folder, now.ctimeMs);
      const place = join(folder, ".git");
      if (hasGit && isSince(place, since)) found.push(place);
      if (isBare && isSince(folder, since)) found.push(folder);
      if (hasOdd) odd.push(folder);
      waiting.push(...below);
    }
    return { places: found, odd };
  }

  async #listing(folder: string, changed: number): Promise<Listing> {
    const known = this.#listings.get(folder);
    if (known && known.changed === changed && known.readAt - changed >= CLOCK_STEP_MS) return known;
    const readAt = Date.now();
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
    const listing = {
      changed,
      readAt,
      folders: entries.flatMap((one) => (one.isDirectory() && one.name !== ".git" ? [join(folder, one.name)] : [])),
      hasGit: entries.some(({ name }) => name === ".git"),
      hasOdd: entries.some(({ name }) => isOddName(name)),
      isBare: isBareRepository(entries.map(({ name }) => name)),
    };
    if (this.#listings.size >= MAX_KEPT) this.#listings.clear();
    this.#listings.set(folder, listing);
    return listing;
  }
}

/** What is known lives as long as this process. */
export const packageRepositories = new PackageRepositories();

/** Itself, or what tells git what to start. */
function isSince(place: string, since: number): boolean {
  const inside = ["config", "commondir", "config.worktree", "hooks"].map((name) => join(place, name));
  return [place, ...inside].some((path) => (look(path)?.ctimeMs ?? 0) >= since - CLOCK_LAG_MS);
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
