import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { deadLink } from "../base/files/deadLink.ts";
import { isInside } from "../base/files/isInside.ts";

/** A configuration file's text; or why there is none: it is not there, or `fault` in a sentence. */
export type ConfigText = { text: string } | { missing: true } | { fault: string };

// Far above any real file, and small enough to be read and parsed in the gateway's usual time.
const LIMIT = 1024 * 1024;
const LIMIT_OF_WORKSPACE = 128 * 1024;

/**
 * Reads a configuration file. What is no regular file, is too large, or is not text is a fault and never waited for. That
 * of a workspace must lie in it: anybody may have put a link there.
 */
export function readConfigText(path: string, { isWorkspace = false } = {}): ConfigText {
  try {
    if (isWorkspace && leadsOut(path)) return { fault: "The file leads out of the workspace, and is not read" };
    return readRegular(path, isWorkspace ? LIMIT_OF_WORKSPACE : LIMIT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== "ENOENT") return { fault: `The file cannot be read (${code})` };
    const dead = deadLink(path);
    return dead ? { fault: dead.message } : { missing: true };
  }
}

/** Whether there is no more in it than comments and YAML's own marks; `{}` is what somebody means. */
export function saysNothing(text: string): boolean {
  return text.split(/\r?\n/).every((line) => /^\ufeff?\s*(?:---|\.\.\.|null|~)?\s*(?:#.*)?$/.test(line));
}

export function endsAtKey(text: string): boolean {
  return /:[ \t]*$/.test(text.trimEnd());
}

function leadsOut(path: string): boolean {
  const [folder, real] = [realpathSync(dirname(path)), realpathSync(path)];
  return !isInside(folder, real) || isInside(real, folder);
}

function readRegular(path: string, limit: number): ConfigText {
  // Opening a pipe would wait for who writes to it.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { fault: "The file cannot be read (EISDIR)" };
    if (!stat.isFile()) return { fault: "This is no regular file, and is not read" };
    const bytes = Buffer.alloc(limit + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length <= limit; length += got)
      got = readSync(file, bytes, length, bytes.length - length, length);
    if (length > limit) return { fault: `The file is larger than ${limit / 1024} KB, which no configuration is` };
    return decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

/** UTF-8, or UTF-16 as Windows PowerShell's `>` writes it, by its byte order mark. */
function decode(bytes: Buffer): ConfigText {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { fault: "The file is not text in UTF-8 or UTF-16; save it as UTF-8" };
  }
}
