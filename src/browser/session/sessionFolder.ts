import { createHash } from "node:crypto";
import { chmod, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** What a session's browsing leaves on the disk: its cookies and storage, and its downloads. */
export interface SessionFolder {
  readonly downloads: string;
  /** Undefined when there is none, or none that can be read. */
  readState(): Promise<State | undefined>;
  writeState(state: State): Promise<void>;
  /** Puts the state where nobody reads it by itself. Resolves with that place. */
  setStateAside(): Promise<string>;
  remove(): Promise<void>;
}

export function sessionFolder(stateDir: string, sessionKey: string): SessionFolder {
  const folder = join(stateDir, "browser", folderName(sessionKey));
  const file = join(folder, "state.json");
  return {
    downloads: join(folder, "downloads"),
    async readState() {
      const text = await readFile(file, "utf8").catch(() => undefined);
      return text === undefined ? undefined : parseState(text);
    },
    async writeState(state) {
      await makeFolders(folder, 0o700);
      if (process.platform !== "win32") await chmod(folder, 0o700);
      // Whole or not at all, whenever the process ends.
      await replaceFile(file, JSON.stringify(state), 0o600);
    },
    async setStateAside() {
      const aside = join(folder, "state.refused.json");
      await rename(file, aside);
      return aside;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Readable, and different for keys that differ in nothing but what a file system folds. */
function folderName(sessionKey: string): string {
  const readable = sessionKey.replace(/[^\w-]+/g, "-").slice(0, 40);
  return `${readable}-${createHash("sha256").update(sessionKey).digest("hex").slice(0, 12)}`;
}

function parseState(text: string): State | undefined {
  try {
    const state = JSON.parse(text) as Partial<State>;
    return Array.isArray(state.cookies) && Array.isArray(state.origins) ? (state as State) : undefined;
  } catch {
    return undefined;
  }
}
