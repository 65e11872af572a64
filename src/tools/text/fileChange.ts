/** One file of a patch. */
export type FileChange = (
  | { type: "add"; path: string; text: string }
  /** `hunks`: what the file must be made of, where the patch tells it. */
  | { type: "delete"; path: string; hunks?: Hunk[] }
  | { type: "update"; path: string; moveTo?: string; hunks: Hunk[] }
) & {
  /** That the patch gives the file, in octal; it is told, and not set. */
  mode?: string;
};

/** Lines that become other lines. Context is in both. */
export interface Hunk {
  before: string[];
  after: string[];
  /** 1-based line that the patch claims; only a hint. */
  line?: number;
  /** Lines that come before the hunk, each somewhere after the one before it, as in "@@ class Foo" and "@@ def bar". */
  anchors?: string[];
  /** Which side ends the file without a line ending, where the patch says so of one. */
  openEnd?: { before: boolean; after: boolean };
}
