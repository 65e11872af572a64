/**
 * A workspace's text files as its user sees them: in the editor, unsaved buffers included and edits as undo steps;
 * elsewhere, the disk. Paths are absolute and already checked by the caller.
 */
export interface Files {
  /** Rejects with `not_found`, or `bad_request` for a folder, a binary file, or bytes that no encoding here explains. */
  readText(path: string): Promise<FileText>;
  /**
   * Replaces or makes a file, folders included, in the encoding that it had. With `expected`, rejects with `conflict` when
   * the text is no longer that; `expected: null` means that the file must not exist yet. Looking and replacing are one step.
   * A new file takes the encoding and the mode of the file `like`.
   */
  writeText(path: string, text: string, expected?: string | null, like?: string): Promise<void>;
  /** Deletes a file; with `expected`, only while its text is that. */
  remove(path: string, expected?: string): Promise<void>;
}

export interface FileText {
  /** Without a byte order mark; line endings as they are. */
  text: string;
  encoding: TextEncodingName;
}

export type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
