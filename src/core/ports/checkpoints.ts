import type { Disposable } from "../../base/disposable.ts";
import type { ChangedFile, ChangedHunk, LeftFile } from "../../protocol/checkpoint.ts";

/** A run, where its session's checkpoints are. */
export interface RunRef {
  sessionKey: string;
  runId: string;
}

/** A content that is kept: its digest and mode. null: there was no file. Or why it is not kept. */
export type FormerContent = { digest: string; mode: number } | null | { why: string };

/** A path that a command changed into what is there now. */
export interface FoundChange {
  path: string;
  before: FormerContent;
  /** The topmost of the folders that were made for it. */
  made?: string | undefined;
  /** Others may have changed it: it took long, or somebody saved it meanwhile. */
  isBeside?: boolean;
  /** The command put another file in its place, which may have names of its own. */
  isOther?: boolean;
}

/** What commands of a run change, which nobody says beforehand: it is found by looking at the folder before and after. */
export interface FoundChanges {
  /** Keeps what is at paths for a day at least, without saying that a run changed it. Never rejects. */
  hold(paths: string[]): Promise<FormerContent[]>;
  /** Keeps what is held for a day from the end of this. */
  holdOn(held: FormerContent[]): Disposable;
  /** Keeps these bytes as `hold` does; resolves with their digest. */
  put(bytes: Uint8Array): Promise<string>;
  /** Notes changes; nothing of those paths where what is there is the same. Never rejects. */
  found(changes: FoundChange[]): Promise<void>;
  /** Notes what could not be looked for, in a sentence's words. Never rejects. */
  unseen(why: string): Promise<void>;
}

/** A changed file under its real path. */
export type RealChange = Omit<ChangedFile, "path"> & { real: string };

export interface FileTexts {
  /** null: there was no such file. undefined: not known, or no text. */
  before: string | null | undefined;
  /** As it is now. */
  now: string | null | undefined;
}

export type ComparedChange = RealChange & FileTexts & { hunks: FileHunk[] };

/** Lines of a file that are not what they were before runs. */
export interface FileHunk extends ChangedHunk {
  /** Whether the runs left it so: it can be put back without taking anything from anybody. */
  isOwn: boolean;
}

/** What files were before runs changed them. Kept across restarts for a while; all paths are real ones. */
export interface Checkpoints {
  /** Keeps what is at a path, once for each run; to be awaited before the run changes it. Never rejects. */
  keep(run: RunRef, path: string): Promise<void>;
  /** Notes what the run has left there: whatever differs later, somebody else has changed. Never rejects. */
  left(run: RunRef, path: string): Promise<void>;
  /** For what a run's commands change. */
  findings(run: RunRef): FoundChanges;
  /** What of the runs' commands could not be looked for, each said once. */
  unseen(runs: RunRef[]): Promise<string[]>;
  /** What runs have changed, taken together; given oldest first. */
  changes(runs: RunRef[]): Promise<RealChange[]>;
  /** The same of those whose path `isMeant`, each with its text before the runs and now, and what is different in it. */
  compared(runs: RunRef[], isMeant: (real: string) => boolean): Promise<ComparedChange[]>;
  /** What is different in a file now from before the runs; [] where one of them is not known, or no text. */
  hunks(runs: RunRef[], path: string): Promise<FileHunk[]>;
  /** Notes that somebody keeps hunks of a file: they count as looked through. */
  accept(runs: RunRef[], path: string, ids: readonly string[]): Promise<void>;
  /**
   * Puts some hunks of a file back. Those that somebody else has changed stay, unless `force`. What is there instead is kept
   * under `as`. Resolves with why not, "" when it did.
   */
  revertHunks(
    runs: RunRef[],
    path: string,
    how: { ids: readonly string[]; as: RunRef; force: boolean },
  ): Promise<string>;
  /**
   * Makes files what they were before the runs, or those of `paths` alone. What somebody else has changed since stays, unless
   * `force`. What is there instead is kept under `as`, to be restored in its turn. `removed`: those of `restored` that were not there
   * before, and are gone.
   */
  restore(
    runs: RunRef[],
    options: { as: RunRef; paths?: ReadonlySet<string>; force: boolean; dryRun: boolean },
  ): Promise<{ restored: string[]; removed: string[]; kept: (Omit<LeftFile, "path"> & { real: string })[] }>;
  /** Forgets what was kept for a session. */
  forget(sessionKey: string): Promise<void>;
  /** Removes what is too old, and the oldest of what is too much. Reads all that is kept. Resolves with how many runs' went. */
  prune(): Promise<number>;
}
