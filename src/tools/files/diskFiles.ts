import { createHash, randomBytes } from "node:crypto";
import { lstatSync, type BigIntStats, renameSync } from "node:fs";
import { chmod, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError, isAppError } from "../../base/appError.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { overwriteFile, staysInPlace } from "../../base/files/overwriteFile.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";
import { decodeText, encodeText, flawedText, type TextForm } from "../../base/text/textBytes.ts";
import { type Expected, type FileForm, type Files, type FileText, isAsExpected } from "../../core/ports/files.ts";
import { checkRealFolder, openRealFile, readRealFile, toAppError } from "../../base/files/realFile.ts";

/** Larger files are not text that anyone edits. */
const MAX_BYTES = 50_000_000;

/**
 * Files straight from the disk, by real paths. A byte order mark is not part of the text and is kept when written, as is
 * the encoding; line endings are part of it. A file is replaced in one step, with its mode, so a reader never sees half of
 * it; one that has several names keeps them, and one of another user or group stays theirs: these are written in place.
 */
export function createDiskFiles(): Files {
  // By path, and for a file with several names by its number.
  const lanes = new Lanes();
  return {
    readText: async (path) => (await readDisk(path)).found,
    writeText: (path, text, expected, form) => lanes.run(laneOf(path), () => writeText(path, text, expected, form)),
    remove: (path, expected) => lanes.run(laneOf(path), () => remove(path, expected)),
  };
}

async function writeText(path: string, text: string, expected?: Expected | null, form?: FileForm): Promise<void> {
  const before = await readIfThere(path, expected);
  if (expected !== undefined && !isAsExpected(before?.found, expected)) throw changed(path, expected);
  await writeOver(path, text, { before, expected, form });
}

async function writeOver(
  path: string,
  text: string,
  {
    before,
    expected,
    form,
  }: { before: DiskText | undefined; expected: Expected | null | undefined; form: FileForm | undefined },
): Promise<void> {
  await makeFolders(dirname(path)).catch((error: unknown) => {
    throw toAppError(error, path);
  });
  await checkRealFolder(path);
  // Replacing it would need no right to write it, and yet take away what it protects.
  if (before && (before.stat.mode & 0o222n) === 0n)
    throw new AppError("forbidden", `${path} is read-only; make it writable first, if it is meant to change`);
  const model = before?.found.form ?? form;
  const written: TextForm = model ?? { encoding: "utf-8", hasBom: false };
  const bytes = encodeText(text, written);
  if ("missing" in bytes) throw unwritable(path, bytes.missing, written);
  if (before && staysInPlace(path, before.stat))
    await overwriteFile(path, bytes, (now) => {
      if (!isSameState(now, before.stat)) throw changed(path, "");
    });
  else await replace(path, bytes, { before: before?.stat, mode: model?.mode, expected });
}

async function remove(path: string, expected?: Expected): Promise<void> {
  await checkRealFolder(path);
  if (expected !== undefined) {
    const before = await readDisk(path);
    if (!isAsExpected(before.found, expected) || !isUntouched(path, before.stat)) throw changed(path, expected);
  }
  // Not `rm`, which takes folders with an option and says less when it fails.
  await whileHeld(path, () => unlink(path)).catch((error: unknown) => {
    throw toAppError(error, path);
  });
}

interface DiskText {
  found: FileText & { form: FileForm };
  /** Of the very bytes that were read. */
  stat: BigIntStats;
}

async function readDisk(path: string): Promise<DiskText> {
  await using file = await openRealFile(path, "read");
  const stat = await file.stat({ bigint: true });
  if (stat.size > MAX_BYTES)
    throw new AppError("bad_request", `${path} has ${stat.size} bytes, too many for a text file`);
  const bytes = await file.readFile();
  const found = decodeText(bytes);
  if (found) {
    const { text, encoding, hasBom } = found;
    const form = { encoding, hasBom, mode: Number(stat.mode & 0o7777n) };
    return { found: { text, encoding, stamp: stampOf(bytes, form), form }, stat };
  }
  throw new AppError("bad_request", `${path} ${noText(bytes)}`);
}

function noText(bytes: Buffer): string {
  if (bytes.includes(0)) return "is a binary file";
  const flawed = flawedText(bytes);
  if (flawed) return `is mostly UTF-8, with a byte that is none in line ${flawed.line}; it cannot be changed as a text`;
  return "is no text in UTF-8, UTF-16 with a byte order mark, or Windows-1252";
}

/** A file of the disk that is mostly UTF-8, to be read only, and its first line that is not all of it; undefined for any other. */
export async function readFlawed(path: string): Promise<{ text: string; line: number } | undefined> {
  const bytes = await readRealFile(path, MAX_BYTES).catch(() => undefined);
  return bytes === undefined || bytes.includes(0) ? undefined : flawedText(bytes);
}

// Hashed in a millisecond where it is as large as text is, and some 50 ms at the most.
function stampOf(bytes: Buffer, { mode }: FileForm): string {
  return `${mode.toString(8)} ${createHash("sha256").update(bytes).digest("base64")}`;
}

/** What is there now. Unreadable content only matters to a caller who expects something of it. */
async function readIfThere(path: string, expected: Expected | null | undefined): Promise<DiskText | undefined> {
  try {
    return await readDisk(path);
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return undefined;
    if (expected === null && isAppError(error) && error.code === "bad_request") throw changed(path, expected);
    throw error;
  }
}

/** Puts a new file in the place of the one that was read, and only of that. */
async function replace(
  path: string,
  bytes: Buffer,
  {
    before,
    mode,
    expected,
  }: { before: BigIntStats | undefined; mode: number | undefined; expected: Expected | null | undefined },
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    {
      // By the name that was asked for: the other one is nobody's.
      await using file = await openRealFile(temporary, "create", path);
      await file.writeFile(bytes);
      await file.sync();
    }
    if (mode !== undefined && process.platform !== "win32") await chmod(temporary, mode);
    await whileHeld(path, () => {
      // Nothing comes in between: looking and replacing are one step for this process, and next to one for others.
      if (expected !== undefined && !isUntouched(path, before)) throw changed(path, expected);
      // The temporary file is where it belongs. Should the folder be swapped now, it is not in the new one: this fails.
      renameSync(temporary, path);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw toAppError(error, path);
  }
}

/** Whether a path still leads to the file that was read, as it was read; undefined: to none. */
function isUntouched(path: string, before: BigIntStats | undefined): boolean {
  const now = lookAt(path);
  return before === undefined || now === undefined ? now === before : isSameState(now, before);
}

// Not the device: some systems tell another one for an open file.
function isSameState(now: BigIntStats, before: BigIntStats): boolean {
  return now.ino === before.ino && now.size === before.size && now.mtimeNs === before.mtimeNs;
}

function lookAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function laneOf(path: string): string {
  const stat = lookAt(path);
  return stat && stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : path;
}

function changed(path: string, expected: Expected | null): AppError {
  return new AppError(
    "conflict",
    expected === null ? `${path} exists already` : `${path} has changed in the meantime; read it again`,
  );
}

function unwritable(path: string, missing: string, { encoding }: TextForm): AppError {
  return new AppError(
    "bad_request",
    missing.isWellFormed()
      ? `${path} is written in ${encoding}, which has no ${JSON.stringify(missing)}; nothing was changed`
      : `The text for ${path} holds half a letter (${JSON.stringify(missing)}); nothing was changed`,
  );
}
