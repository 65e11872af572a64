import type { Disposable } from "../../base/disposable.ts";

/** What the files that a glob names are at one moment. */
export interface FilesSeen {
  /** Another when any of them is changed, comes or goes; `SEEN_NO_FILES` where there is none. */
  digest: string;
  /** What tells each file's state, by its path from the folder. */
  stamps: ReadonlyMap<string, string>;
  /** When the newest was changed, in milliseconds since 1970; 0 where there is none. */
  newest: number;
}

export interface WatchedFiles extends Disposable {
  /** Rejects with `bad_request` where there are too many. */
  look(): Promise<FilesSeen>;
}

/**
 * Watches a folder's files that fit a glob; ignored and protected ones are not among them. `onChange` is told soon after one
 * may have changed, and need not be told of all.
 */
export type WatchFiles = (folder: string, glob: string, onChange: () => void) => WatchedFiles;
