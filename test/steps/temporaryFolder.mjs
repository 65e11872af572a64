import { accessSync, constants, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// What the name of a socket file has room for: 107 bytes on Linux, 103 on macOS.
const LONGEST = 103;
const ROOM = "pincer-vscode-123456/session".length;

/** Makes a folder that only this user may enter, short enough for the sockets in it. */
export function makeSocketFolder() {
  const folder = [tmpdir(), "/tmp"].find((each) => faultOf(each) === undefined && hasRoom(each));
  if (folder === undefined)
    throw new Error(`The editor has no folder for its sockets: ${faultOf(tmpdir()) ?? tooLong(tmpdir())}`);
  return mkdtempSync(path.join(folder, "pincer-vscode-"));
}

/** What keeps the tests from what they write for a while, with what to do; undefined for nothing. */
export function temporaryFault() {
  return faultOf(tmpdir()) ?? (hasRoom(tmpdir()) ? undefined : tooLong(tmpdir()));
}

function faultOf(folder) {
  try {
    // With a dot behind it a file is told from a folder.
    accessSync(`${folder}/.`, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const why = { ENOENT: "is not there", ENOTDIR: "is a file", EROFS: "is on a read-only file system" }[error.code];
    return `TMPDIR, ${folder}, ${why ?? "cannot be written"}; set it to a folder that can be, as /tmp`;
  }
}

function hasRoom(folder) {
  return process.platform === "win32" || Buffer.byteLength(folder) + 1 + ROOM <= LONGEST;
}

function tooLong(folder) {
  return `TMPDIR, ${folder}, is too long a path for sockets; set it to a shorter one, as /tmp`;
}
