import { AppError, isAppError } from "../../base/appError.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { encodeText } from "../../base/text/textBytes.ts";
import {
  type Expected,
  type Files,
  type FileText,
  isAsExpected,
  type TextEncodingName,
} from "../../core/ports/files.ts";

/** An open document of the editor. */
export interface EditorBuffer {
  text(): string;
  isDirty(): boolean;
  encoding(): TextEncodingName;
  /** Makes `before` into `after` as one step of undo; false when the text is no longer `before`. */
  replace(before: string, after: string): Promise<boolean>;
  /** Rejects with `unavailable` when it could not be saved. */
  save(): Promise<void>;
}

export interface EditorBuffers {
  find(path: string): EditorBuffer | undefined;
  open(path: string, encoding: TextEncodingName): Promise<EditorBuffer>;
  /** Rejects with `conflict` when there is a file already. */
  make(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Whether nobody answers what the editor is asked. What it showed last is still known. */
  isAway?(): boolean;
}

// Pages whose text is known to be the agent's own, where the editor does not save what it writes.
const KEEP = 100;

/** Files as an editor shows them: unsaved text counts; what is only on the disk, or newer there, is read from the disk. */
export function createBufferFiles(buffers: EditorBuffers, disk: Files): Files {
  const own = new BoundedMap<string, string>(KEEP);

  const readText = async (path: string): Promise<FileText> => {
    for (;;) {
      const buffer = buffers.find(path);
      if (buffer?.isDirty()) return unsaved(path, buffer);
      const text = buffer?.text();
      // A clean page may lag behind the disk: a command has just written there, and the editor has not looked yet.
      const [read] = await Promise.allSettled([disk.readText(path)]);
      const now = buffers.find(path);
      // An editor empties a file before it writes what was typed: what was read meanwhile may be half of it.
      if (now?.isDirty() || now?.text() !== text) continue;
      if (read.status === "rejected") throw read.reason;
      return read.value;
    }
  };

  const unsaved = (path: string, buffer: EditorBuffer): FileText => {
    const text = buffer.text();
    return { text, encoding: buffer.encoding(), ...(own.get(path) === text ? {} : { unsaved: true as const }) };
  };

  const replace = async (buffer: EditorBuffer, path: string, text: string): Promise<void> => {
    const before = buffer.text();
    const isTyped = buffer.isDirty() && own.get(path) !== before;
    if (!(await buffer.replace(before, text))) throw changed(path, "");
    if (!isTyped) own.set(path, text);
    try {
      await buffer.save();
    } catch (error) {
      const isBack = await buffer.replace(text, before).catch(() => false);
      if (isBack && !isTyped) own.set(path, before);
      if (isBack || !isAppError(error)) throw error;
      throw new AppError(error.code, `${error.message}; its page in the editor holds the change, unsaved`, {
        cause: error,
      });
    }
  };

  const onDisk = async (path: string): Promise<FileText | undefined> => {
    try {
      return await disk.readText(path);
    } catch (error) {
      if (isAppError(error) && error.code === "not_found") return undefined;
      throw error;
    }
  };

  return {
    readText,
    async writeText(path, text, expected, form) {
      const open = buffers.find(path);
      if (buffers.isAway?.()) return await disk.writeText(mustBeSaved(path, open), text, expected, form);
      if (open?.isDirty()) {
        if (expected !== undefined && !isAsExpected({ text: open.text() }, expected)) throw changed(path, expected);
        mustFit(path, text, open.encoding());
        return await replace(open, path, text);
      }
      const there = await onDisk(path);
      if (!there) {
        if (expected !== undefined && expected !== null) throw changed(path, expected);
        // The editor makes files in UTF-8, and with the mode of any.
        return await (form ? disk.writeText(path, text, null, form) : buffers.make(path, text));
      }
      if (expected !== undefined && !isAsExpected(there, expected)) throw changed(path, expected);
      mustFit(path, text, there.encoding);
      const buffer = open ?? (await buffers.open(path, there.encoding));
      // A page that lags behind, or was read in another encoding, would bring its own text along.
      if (buffer.isDirty() || buffer.text() !== there.text || buffer.encoding() !== there.encoding) {
        if (buffer.isDirty()) throw changed(path, there.text);
        return await disk.writeText(path, text, there);
      }
      await replace(buffer, path, text);
    },

    async remove(path, expected) {
      if (buffers.isAway?.()) return await disk.remove(mustBeSaved(path, buffers.find(path)), expected);
      // The editor would close a page with unsaved text without a word.
      if (buffers.find(path)?.isDirty()) throw new AppError("conflict", `${path} has unsaved changes in the editor`);
      if (expected !== undefined && !isAsExpected(await disk.readText(path), expected)) throw changed(path, expected);
      await buffers.remove(path);
    },
  };
}

/** What a window holds that is away can be neither asked nor changed, and must not be lost when it comes back. */
function mustBeSaved(path: string, open: EditorBuffer | undefined): string {
  if (open?.isDirty()) throw new AppError("unavailable", `${path} has unsaved changes in a window that is away`);
  return path;
}

function mustFit(path: string, text: string, encoding: TextEncodingName): void {
  const bytes = encodeText(text, { encoding, hasBom: false });
  if ("missing" in bytes)
    throw new AppError(
      "bad_request",
      `${path} is written in ${encoding}, which has no ${JSON.stringify(bytes.missing)}`,
    );
}

function changed(path: string, expected: Expected | null): AppError {
  return new AppError(
    "conflict",
    expected === null ? `${path} exists already` : `${path} has changed in the meantime; read it again`,
  );
}
