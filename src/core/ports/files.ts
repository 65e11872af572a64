import type { Disposable } from "../../base/disposable.ts";

/**
 * A workspace's text files as its user sees them: in the editor, unsaved buffers included and edits as undo steps;
 * elsewhere, the disk. Paths are absolute and already checked by the caller.
 */
export interface Files {
  /** Rejects with `not_found`, or `bad_request` for a folder, a binary file, or bytes that no encoding here explains. */
  readText(path: string): Promise<FileText>;
  /**
   * Replaces or makes a file, folders included, in the encoding that it had. With `expected`, rejects with `conflict` when
   * the file is no longer that; `expected: null` means that it must not exist yet. Looking and replacing are one step.
   * A new file is made in `form`.
   */
  writeText(path: string, text: string, expected?: Expected | null, form?: FileForm): Promise<void>;
  /** Deletes a file; with `expected`, only while it is that. */
  remove(path: string, expected?: Expected): Promise<void>;
  /** Tells the path of each file that is saved in an editor, and the text of one that has one; absent where there is none. */
  onSave?(listener: (path: string, text?: string) => void): Disposable;
}

/** A file as it was seen; a text alone leaves its encoding and its rights open. */
export type Expected = string | Pick<FileText, "text" | "stamp">;

export interface FileText {
  /** Without a byte order mark; line endings as they are. */
  text: string;
  encoding: TextEncodingName;
  /** Says the same as long as the file on the disk has these bytes and this mode; absent where the text is not there yet. */
  stamp?: string;
  /** Of the file on the disk; absent where the text is not there yet. */
  form?: FileForm;
  /** Somebody typed it and has not saved it: to be kept, whatever else becomes of the file. */
  unsaved?: true;
}

/** What a text leaves open of its file: how its bytes are made of it, and the rights. */
export interface FileForm {
  encoding: TextEncodingName;
  hasBom: boolean;
  mode: number;
}

/** Whether a file is still what it was seen to be. */
export function isAsExpected(found: Pick<FileText, "text" | "stamp"> | undefined, expected: Expected | null): boolean {
  if (found === undefined || expected === null) return found === undefined && expected === null;
  if (typeof expected === "string") return found.text === expected;
  const isSame = found.stamp === undefined || expected.stamp === undefined || found.stamp === expected.stamp;
  return isSame && found.text === expected.text;
}

export type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
