/** A line that a search shows: a hit, or one beside it. */
export interface FoundLine {
  path: string;
  /** From 1. */
  line: number;
  text: string;
  isHit: boolean;
}

export interface SearchRequest {
  workspace: string;
  /** From the workspace, "." for all of it. May be a file. */
  path: string;
  pattern: string;
  ignoreCase: boolean;
  /** Of the files' paths. */
  glob?: string | undefined;
  /** Lines before and after each hit. */
  context: number;
  signal: AbortSignal;
}
