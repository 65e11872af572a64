import type { Disposable } from "../../base/disposable.ts";

/** The folders that sessions may work in. */
export interface Workspaces {
  /** Absolute, as their users named them, each once; the first is where a session works that names none. */
  list(): string[];
  /** Those of other windows than the one that leads. */
  offered(): string[];
  /** The listed folder that this one is, however it is spelled; undefined when it is none of them. */
  find(folder: string): string | undefined;
  /** Where tools find a folder: its real path. */
  real(folder: string): string;
  /** Adds those of another window, until disposed. */
  offer(folders: string[]): Disposable;
}
