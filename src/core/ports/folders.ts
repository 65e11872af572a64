/**
 * What a folder is on the disk: absolute, links resolved, spelled as the disk spells it. One that cannot be looked at is
 * what it was called, without a trailing separator.
 */
export type RealFolder = (folder: string) => string;

export interface Folders {
  real: RealFolder;
  /** The same text for one folder by whatever link or mount it is reached. */
  identity(folder: string): string;
}

/** What a file's bytes are; undefined where there is no regular file, or one too large to be a script. */
export type FileBytes = (path: string) => Promise<Uint8Array | undefined>;

/** Whether nothing of a file's text is told, by its real path and the folder in which rules are read. */
export type ClosedFiles = (real: string, folder: string) => Promise<boolean>;
