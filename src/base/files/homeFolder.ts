import { userInfo } from "node:os";
import { parse } from "node:path";
import { isWholePath } from "./isWholePath.ts";

/**
 * The user's home folder, as a whole path: what the environment names, else what the system knows of the account; of one that it does
 * not know, as in a container, the root of the file system. Never "", which would be whatever folder happens to be the current one.
 */
export function homeFolder(env: NodeJS.ProcessEnv = process.env, ofAccount = accountHome): string {
  const named = (process.platform === "win32" ? env["USERPROFILE"] : env["HOME"]) ?? "";
  return [named, ofAccount()].find((folder) => isWholePath(folder)) ?? parse(process.cwd()).root;
}

/** What the system knows of this account, whatever the environment says; "" where it knows nothing. */
export function accountHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "";
  }
}
