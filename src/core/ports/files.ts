/**
 * A workspace's text files as its user sees them: in the editor, unsaved buffers included and edits as undo steps;
 * elsewhere, the disk. Paths are absolute and already checked by the caller.
 */
export interface Files {
  /** UTF-8 text. Rejects with `not_found`, or `bad_request` for a folder or a binary file. */
  readText(path: string): Promise<string>;
  /**
   * Replaces or makes a file, folders included. With `expected`, rejects with `conflict` when the text is no longer
   * that; `expected: null` means that the file must not exist yet.
   */
  writeText(path: string, text: string, expected?: string | null): Promise<void>;
  /** Deletes a file. Absent: deleted on the disk. */
  remove?(path: string): Promise<void>;
}
