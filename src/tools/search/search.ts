/** A line that a search shows: a hit, or one beside it. */
export interface FoundLine {
  path: string;
  /** From 1. */
  line: number;
  /** Long ones around what was found. */
  text: string;
  isHit: boolean;
}

export interface SearchRequest {
  workspace: string;
  /** From the workspace, "." for all of it. May be a file. */
  path: string;
  pattern: string;
  ignoreCase: boolean;
  /** Of the files' paths, from the workspace or from `path`. */
  glob?: string | undefined;
  /** Lines before and after each hit. */
  context: number;
  /** Why a rule closes a file, by its real path; undefined where none does. */
  denied(real: string): string | undefined;
  signal: AbortSignal;
}

/** What a search left out, and what it had to do otherwise. */
export interface SearchNotes {
  /** Files that have a hit and are no text, so that it is not shown. */
  binary: string[];
  tooLarge: string[];
  unreadable: string[];
  /** Files that were named and may hold secrets. */
  secret: string[];
  /** Files that were named and that a rule denies to be read. */
  denied: string[];
  /** A file was looked into that fits the glob, if there is one. */
  isFitted?: true;
  /** Why rg was not used, where it is there. */
  withoutRg?: string;
}
