import type { ChangedFile, ChangedHunk, Checkpoint, LeftFile } from "../../protocol/checkpoint.ts";
import type { RunReport } from "../../protocol/written/runReport.ts";
import type { FileTexts } from "../ports/checkpoints.ts";
import type { ClosedFiles } from "../ports/folders.ts";

export interface Checkpointing {
  /** Runs of a session that have changed files or ran commands, newest first. */
  list(sessionKey: string): Promise<Checkpoint[]>;
  /** `conflict` while the session is at work. What somebody else has changed since is kept, unless `force`. */
  restore(request: GoingBack): Promise<Restored>;
  /**
   * What a run with its sub-agents has changed, with the texts, of a file that is closed with none and no hunks; or one file of it, by
   * its path as it is shown or its real one.
   */
  changes(
    runId: string,
    how?: { path?: string | undefined; closed?: ClosedFiles | undefined },
  ): Promise<(ChangedFile & FileTexts & { hunks: ChangedHunk[] })[]>;
  /** Notes that hunks of a file were looked through, or all; resolves with how many are left. not_found for what is not there. */
  keep(runId: string, path: string, hunks?: readonly string[]): Promise<number>;
  /** One file of a run, or some hunks of it. not_found when the run has not changed it. */
  revert(
    runId: string,
    path: string,
    how: { force: boolean; hunks?: readonly string[] | undefined },
  ): Promise<Omit<Restored, "commands" | "unseen">>;
  /** Removes what is too old or too much, in all sessions. For whoever leads: it reads all that is kept. */
  prune(): Promise<number>;
}

export interface GoingBack {
  sessionKey: string;
  /** To before this message; or what another restore has replaced, by its `undo`. */
  to: { beforeSeq: number } | { undo: string };
  files: boolean;
  /** Goes on in a fork that ends before that message; the session itself stays as it is. */
  messages: boolean;
  force: boolean;
  dryRun: boolean;
}

export interface Restored {
  /** Paths from the session's folder. */
  restored: string[];
  /** Those of them that were not there, and are deleted. */
  removed: string[];
  kept: LeftFile[];
  /** Commands of the runs: what they changed elsewhere, or in what git ignores, is not put back. */
  commands: string[];
  /** What of their changes is not known, and why. */
  unseen: string[];
  /** Takes this restore back. */
  undo?: string;
  /** The fork that goes on from before the message. */
  sessionKey?: string;
  /** With `dryRun`: the session, or the sub-agent whose work would be put back, that is at work: nothing is put back before it is stopped. */
  atWork?: string;
}

/** What runs did, from what is stored of them. */
export interface Reports {
  /** not_found for an unknown run. The Markdown is at most `maxChars` long, 64,000 when not given. */
  of(runId: string, options?: { maxChars?: number }): Promise<{ report: RunReport; markdown: string }>;
}
