import { AppError, isAppError } from "../../base/appError.ts";

// The low byte of SQLite's extended result codes: https://sqlite.org/rescode.html
const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;
const FOREIGN_KEY = 787;
// A quota that is used up is told as a write that failed.
const NO_WRITE = 778;
const NO_SHARED_MEMORY = 4874;

const SENTENCES = new Map([
  [BUSY, "The store is locked by another process; nothing was stored"],
  [6, "The store is locked; nothing was stored"],
  [7, "There is not enough memory for the store; nothing was stored"],
  [8, "The store cannot be written to: this user may not, or another program holds it; nothing was stored"],
  [NO_WRITE, "The disk failed to write the store, or its quota is used up; nothing was stored"],
  [NO_SHARED_MEMORY, "The disk is full; nothing was stored"],
  [10, "The disk failed to read or write the store; nothing was stored"],
  [CORRUPT, "The store is damaged; it is repaired when Pincer starts again"],
  [FULL, "The disk is full; nothing was stored"],
  [14, "The store cannot be opened; check its folder's rights and space"],
  [15, "The store is locked by another process; nothing was stored"],
  [22, "The store is larger than this disk allows; nothing was stored"],
  [NOT_A_DATABASE, "The store is damaged; it is repaired when Pincer starts again"],
]);

/** What a caller should see of an error of SQLite or the file system: `unavailable`. Other errors, being bugs, stay as they are. */
export function toStoreError(error: unknown): unknown {
  if (isAppError(error)) return error;
  if (isFileError(error)) {
    return new AppError("unavailable", `The store's folder cannot be used (${error.code})`, { cause: error });
  }
  const code = resultCode(error);
  if (code === undefined) return error;
  // A run may write its last events while its session is deleted.
  if (code === FOREIGN_KEY) return new AppError("not_found", "The session was deleted", { cause: error });
  const sentence = SENTENCES.get(code) ?? SENTENCES.get(code & 0xff);
  return sentence === undefined ? error : new AppError("unavailable", sentence, { cause: error });
}

/** Whether the file itself is broken, as opposed to busy, full or out of reach. */
export function isDamage(error: unknown): boolean {
  const code = (resultCode(error) ?? 0) & 0xff;
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/** Whether there was no room for what was to be written. */
export function isFull(error: unknown): boolean {
  const code = resultCode(error) ?? 0;
  return (code & 0xff) === FULL || code === NO_WRITE || code === NO_SHARED_MEMORY;
}

export function isBusy(error: unknown): boolean {
  return ((resultCode(error) ?? 0) & 0xff) === BUSY;
}

/** An error as SQLite throws it for a broken file. */
export function damage(message: string): Error {
  return Object.assign(new Error(message), { errcode: CORRUPT });
}

function isFileError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "syscall" in error && "code" in error;
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}
