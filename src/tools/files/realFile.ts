import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../base/appError.ts";

// Not every system has them, and there they are 0. Without waiting, because opening a pipe for reading waits for its writer.
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens an existing file by its real path, for reading. A last link is not followed, and what was opened is compared
 * with the path again, so that a folder swapped for a link in between is noticed. The caller closes it.
 */
export async function openRealFile(real: string): Promise<FileHandle> {
  const file = await open(real, constants.O_RDONLY | CAREFULLY).catch((error: NodeJS.ErrnoException) => {
    throw toAppError(error, real);
  });
  try {
    const opened = await file.stat({ bigint: true });
    if (opened.isDirectory()) throw new AppError("bad_request", `${real} is a folder`);
    if (!opened.isFile()) throw new AppError("bad_request", `${real} is not a regular file`);
    const named = await lstat(real, { bigint: true });
    const isSame = named.ino === opened.ino && named.dev === opened.dev && (await realpath(real)) === real;
    if (!isSame) throw new AppError("forbidden", `${real} changed into something else while it was opened`);
    return file;
  } catch (error) {
    await file.close();
    throw toAppError(error, real);
  }
}

/** Rejects unless the folder of a real path is still the folder of that name, and not a link by now. */
export async function checkRealFolder(real: string): Promise<void> {
  const folder = dirname(real);
  const now = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    throw toAppError(error, folder);
  });
  if (now !== folder) throw new AppError("forbidden", `${folder} has become a link to somewhere else`);
}

/** The codes of a file system as the model should read them; anything unexpected stays as it is. */
export function toAppError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const said = {
    ENOENT: ["not_found", `${path} does not exist`],
    ENOTDIR: ["not_found", `${path} does not exist: a part of it is a file`],
    EISDIR: ["bad_request", `${path} is a folder`],
    ELOOP: ["forbidden", `${path} is a link`],
    EMLINK: ["forbidden", `${path} is a link`],
    ENXIO: ["bad_request", `${path} is not a regular file`],
    EACCES: ["forbidden", `${path} may not be accessed by this user`],
    EPERM: ["forbidden", `${path} may not be accessed by this user`],
    EROFS: ["forbidden", `${path} is on a read-only file system`],
    ENOSPC: ["unavailable", `The disk is full, ${path} was not written`],
    ENAMETOOLONG: ["bad_request", `${path} is too long a name`],
  } as const;
  if (typeof code !== "string" || !Object.hasOwn(said, code)) return error;
  const [appCode, message] = said[code as keyof typeof said];
  return new AppError(appCode, message, { cause: error });
}
