import { basename, relative } from "node:path";
import { fileId, linkedFiles } from "../base/files/linkedFiles.ts";
import { protectedReason } from "./protectedPath.ts";

/** What a file is, and whether it has several names; of a handle or a path, as big numbers. */
interface FileState {
  dev: bigint;
  ino: bigint;
  nlink: bigint;
}

/**
 * Tells of files of a workspace whether they are a secret's under another name: hard links. Looks for those that there are at
 * the first file with several names.
 */
export function linkedSecrets(workspace: string): (file: FileState) => Promise<string | undefined> {
  let known: Promise<Map<string, string>> | undefined;
  return async (file) => {
    if (file.nlink < 2n || workspace === "") return undefined;
    known ??= linkedFiles(workspace, (path) => protectedReason(relative(workspace, path), "read") !== undefined);
    const secret = (await known).get(fileId(file));
    return secret === undefined ? undefined : `it is ${basename(secret)} under another name, which may hold secrets`;
  };
}
