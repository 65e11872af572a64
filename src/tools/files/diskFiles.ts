import { randomBytes } from "node:crypto";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError, isAppError } from "../../base/appError.ts";
import type { Files } from "../../core/ports/files.ts";
import { checkRealFolder, openRealFile, toAppError } from "./realFile.ts";

/** Larger files are not text that anyone edits. */
const MAX_BYTES = 50_000_000;

const BOM = "\uFEFF";

/**
 * Files straight from the disk, by real paths. A byte order mark is not part of the text and is kept when written; line
 * endings are part of it. A file is replaced in one step, with its mode, so a reader never sees half of it.
 */
export function createDiskFiles(): Files {
  return { readText: async (path) => (await readDisk(path)).text, writeText, remove };
}

async function writeText(path: string, text: string, expected?: string | null): Promise<void> {
  const before = await readIfThere(path, expected);
  if (expected !== undefined && (before?.text ?? null) !== expected) throw changed(path, expected);
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw toAppError(error, path);
  });
  await checkRealFolder(path);
  await replace(path, before?.hasBom ? BOM + text : text, expected === null);
}

async function remove(path: string): Promise<void> {
  await checkRealFolder(path);
  await rm(path).catch((error: unknown) => {
    throw toAppError(error, path);
  });
}

async function readDisk(path: string): Promise<{ text: string; hasBom: boolean }> {
  await using file = await openRealFile(path, "read");
  const { size } = await file.stat();
  if (size > MAX_BYTES) throw new AppError("bad_request", `${path} has ${size} bytes, too many for a text file`);
  const bytes = await file.readFile();
  if (bytes.subarray(0, 8192).includes(0)) throw new AppError("bad_request", `${path} is a binary file`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const hasBom = text.startsWith(BOM);
    return { text: hasBom ? text.slice(1) : text, hasBom };
  } catch (error) {
    // Written back, the bytes that are not UTF-8 would be lost.
    throw new AppError("bad_request", `${path} is not UTF-8 text`, { cause: error });
  }
}

/** What is there now. Unreadable content only matters to a caller who expects something of it. */
async function readIfThere(
  path: string,
  expected: string | null | undefined,
): Promise<{ text: string; hasBom: boolean } | undefined> {
  try {
    return await readDisk(path);
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return undefined;
    if (expected === null && isAppError(error) && error.code === "bad_request") throw changed(path, expected);
    throw error;
  }
}

async function replace(path: string, text: string, isNew: boolean): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    const mode = await stat(path).then(
      (found) => found.mode & 0o7777,
      () => undefined,
    );
    {
      await using file = await openRealFile(temporary, "create");
      await file.writeFile(text);
      await file.sync();
    }
    if (mode !== undefined) await chmod(temporary, mode);
    if (isNew) await refuseExisting(path);
    // The temporary file is where it belongs. Should the folder be swapped now, it is not in the new one: this fails.
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw toAppError(error, path);
  }
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) throw changed(path, null);
}

function changed(path: string, expected: string | null): AppError {
  return new AppError(
    "conflict",
    expected === null ? `${path} exists already` : `${path} has changed in the meantime; read it again`,
  );
}
