import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { followPath } from "./realPath.ts";
import { AppError } from "../appError.ts";
import { sizeWords } from "../text/sizeWords.ts";
import { whileHeld } from "./whileHeld.ts";

// Not every system has them, and there they are 0. Without waiting, because opening a pipe for reading waits for its writer.
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

// Windows may tell another device for an open file than for the same one by its path.
const TELLS_DEVICE = process.platform !== "win32";

const FLAGS = {
  read: constants.O_RDONLY,
  change: constants.O_RDWR,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};

/**
 * Opens a file by its real path: to read or change one that exists, or to make a new one. A last link is not followed, and what
 * was opened is compared with the path again, so that a folder swapped for a link in between is noticed. The caller
 * closes it.
 */
export async function openRealFile(real: string, use: keyof typeof FLAGS, named = real): Promise<FileHandle> {
  const opening = () => open(real, FLAGS[use] | CAREFULLY, 0o666);
  const file = await (use === "change" ? whileHeld(real, opening) : opening()).catch((error: unknown) => {
    throw toAppError(error, named);
  });
  try {
    const opened = await file.stat();
    if (opened.isDirectory()) throw new AppError("bad_request", `${real} is a folder`);
    if (!opened.isFile()) throw new AppError("bad_request", `${real} is not a regular file`);
    if (!(await isStillAt(file, real))) {
      throw new AppError("forbidden", `${real} changed into something else while it was opened`);
    }
    return file;
  } catch (error) {
    // By its own name: under the one that was asked for there may be something else by now.
    const stray = use === "create" ? await openedName(file) : undefined;
    await file.close();
    if (stray) await rm(stray, { force: true });
    throw toAppError(error, named);
  }
}

/** All that is in a file, of `max` bytes at most, also where it grows meanwhile: `payload_too_large`. Rejects as `openRealFile` does. */
export async function readRealFile(real: string, max: number, named = real): Promise<Buffer> {
  await using file = await openRealFile(real, "read", named);
  const { size } = await file.stat();
  const chunks: Buffer[] = [];
  let bytes = size > max ? size : 0;
  if (bytes === 0)
    for await (const chunk of file.createReadStream({ autoClose: false, end: max }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
    }
  if (bytes > max)
    throw new AppError("payload_too_large", `${named} has ${sizeWords(bytes)}, and may have ${sizeWords(max)} at most`);
  return Buffer.concat(chunks);
}

/** SHA-256, in hex, of what is in a file now, however long it is. Rejects as `openRealFile` does. */
export async function fileDigest(real: string): Promise<string> {
  await using file = await openRealFile(real, "read");
  const digest = createHash("sha256");
  for await (const bytes of file.createReadStream({ autoClose: false })) digest.update(bytes as Buffer);
  return digest.digest("hex");
}

/** Rejects unless the folder of a real path is still the folder of that name, and not a link by now. */
export async function checkRealFolder(real: string): Promise<void> {
  const folder = dirname(real);
  const now = await followPath(folder).catch((error: unknown) => {
    throw toAppError(error, folder);
  });
  if (now !== folder) throw new AppError("forbidden", `${folder} has become a link to somewhere else`);
}

/** The codes of a file system as the model should read them; what is no failure of it stays as it is. */
export function toAppError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const said = {
    ENOENT: ["not_found", `${path} does not exist`],
    ENOTDIR: ["not_found", `${path} does not exist: a part of it is a file`],
    EEXIST: ["bad_request", `A part of ${path} is a file, not a folder`],
    EISDIR: ["bad_request", `${path} is a folder`],
    ELOOP: ["forbidden", `${path} is a link`],
    EMLINK: ["forbidden", `${path} is a link`],
    ENXIO: ["bad_request", `${path} is not a regular file`],
    EACCES: ["forbidden", `${path} may not be accessed by this user`],
    EPERM: ["forbidden", `${path} may not be accessed by this user`],
    EBUSY: ["unavailable", `${path} is held by another program`],
    EROFS: ["forbidden", `${path} is on a read-only file system`],
    ENOSPC: ["unavailable", `The disk is full, ${path} was not written`],
    EINVAL: ["bad_request", `${path} is no name that this file system takes`],
    EILSEQ: ["bad_request", `${path} is no name that this file system takes`],
    ENAMETOOLONG: ["bad_request", `${path} is too long a name`],
  } as const;
  if (typeof code !== "string") return error;
  if (!Object.hasOwn(said, code))
    // The system's own word, where it is an operation of the system that failed: no bug of ours.
    return "syscall" in (error as object)
      ? new AppError("unavailable", `${path} could not be had: the system says ${code}`, { cause: error })
      : error;
  const [appCode, message] = said[code as keyof typeof said];
  return new AppError(appCode, message, { cause: error });
}

async function isStillAt(file: FileHandle, real: string): Promise<boolean> {
  const name = await openedName(file);
  if (name !== undefined) return name === real || name === `${real} (deleted)`;
  const opened = await file.stat({ bigint: true });
  for (let round = 0; round < 2; round += 1) {
    if ((await followPath(real)) !== real) return false;
    const named = await lstat(real, { bigint: true });
    if (named.ino !== opened.ino || (TELLS_DEVICE && named.dev !== opened.dev)) return false;
  }
  return (await followPath(real)) === real;
}

// The kernel's own word, where it gives one. Comparing by path leaves gaps for a folder that flips to and fro.
async function openedName(file: FileHandle): Promise<string | undefined> {
  return process.platform === "linux" ? await readlink(`/proc/self/fd/${file.fd}`) : undefined;
}
