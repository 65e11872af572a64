/** One file of a patch. */
export type FileChange =
  | { type: "add"; path: string; text: string }
  | { type: "delete"; path: string }
  | { type: "update"; path: string; moveTo?: string; hunks: Hunk[] };

/** Lines that become other lines. Context is in both. */
export interface Hunk {
  before: string[];
  after: string[];
  /** 1-based line that the patch claims; only a hint. */
  line?: number;
  /** Lines that come before the hunk, each somewhere after the one before it, as in "@@ class Foo" and "@@ def bar". */
  anchors?: string[];
}
