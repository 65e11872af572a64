import { lstat, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep, win32 } from "node:path";
import { AppError } from "../../base/appError.ts";
import { pathWithin } from "../../base/files/diskPath.ts";
import { isInside } from "../../base/files/isInside.ts";
import { followPath } from "../../base/files/realPath.ts";
import { alikePath } from "./alikePath.ts";

/** A place in a session's folder, as its real path. */
export interface WorkspacePath {
  /** Absolute, every link in it resolved. */
  real: string;
  /** From the workspace, with "/" on every system; "." for the workspace itself. */
  shown: string;
  exists: boolean;
}

/**
 * Where a path that the model wrote really leads. Relative paths start at `workspace`, itself a real path. Anything that
 * ends up elsewhere is `forbidden`: `..`, other absolute paths, links that lead out, links to nothing. What does not
 * exist yet is judged by its deepest folder that does; where only its spelling differs from a name on the disk, that is meant,
 * unless the path has to be `exact`, as a shell takes it.
 */
export async function toWorkspacePath(workspace: string, path: string, exact = false): Promise<WorkspacePath> {
  if (workspace === "") throw new AppError("bad_request", "This session has no workspace folder");
  refuseTricks(workspace, path);
  // Moved or unmounted: a file that is written would make a second one of that name.
  if (!(await isFolder(workspace))) throw new AppError("not_found", `The folder ${workspace} is not there`);
  const found = await realPath(resolve(workspace, path), path, exact);
  const within = pathWithin(workspace, found.real);
  // Looked at again by the workspace's own name: what else is mounted in there may be another file.
  const { real, exists } = within === undefined || within === found.real ? found : await realPath(within, path, exact);
  if (!isInside(workspace, real)) throw new AppError("forbidden", `${path} is outside the workspace`);
  return { real, shown: relative(workspace, real).split(sep).join("/") || ".", exists };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
}

function refuseTricks(workspace: string, path: string): void {
  if (path.includes("\0")) throw new AppError("bad_request", "A path must not hold a NUL character");
  if (process.platform !== "win32") return;
  const trick = windowsTrick(path, workspace);
  if (trick) throw new AppError("forbidden", `${path} is ${trick}`);
}

/**
 * Why Windows would open something other than what the path seems to say; undefined when it would not. Nothing on the network
 * is so much as looked at, for that tells whoever serves it the user's password in a digest, but what lies in the workspace,
 * when that is there itself: a share, a mapped drive, a folder of WSL.
 */
export function windowsTrick(path: string, workspace = ""): string | undefined {
  if (/^[\\/]{2}[?.][\\/]/.test(path)) return "a device path";
  if (/^[\\/]{2}/.test(path) && !liesIn(workspace, path)) return "a network path";
  const names = path.replace(/^[a-z]:/i, "").split(/[\\/]/);
  if (names.some((name) => name.includes(":"))) return "an alternate data stream";
  if (names.some((name) => /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)/i.test(name)))
    return "a device";
  if (names.some((name) => name !== "." && name !== ".." && /[. ]$/.test(name))) return "a name that Windows shortens";
  const forbidden = /[<>"|?*\u0001-\u001f]/.exec(path)?.[0];
  if (forbidden !== undefined) return `no name on Windows, which has no ${JSON.stringify(forbidden)} in names`;
  return undefined;
}

/** By their texts alone, and as Windows reads them. */
function liesIn(folder: string, path: string): boolean {
  const [base, place] = [folder, path].map((one) => `${win32.resolve(one)}\\`.replace(/\\+$/, "\\").toLowerCase());
  return /^[\\/]{2}/.test(folder) && place!.startsWith(base!);
}

/** Resolves links in the deepest part that exists, and appends the rest. */
async function realPath(absolute: string, asked: string, exact: boolean): Promise<{ real: string; exists: boolean }> {
  const rest: string[] = [];
  for (let current = absolute; ; current = dirname(current)) {
    const real = await followPath(current).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new AppError("forbidden", `${asked} cannot be followed (${error.code ?? error.message})`);
    });
    if (real !== undefined) {
      const alike = exact ? undefined : await alikePath(real, rest);
      return alike === undefined
        ? { real: join(real, ...rest), exists: rest.length === 0 }
        : await realPath(alike, asked, exact);
    }
    // A link to nothing would be written through, wherever it leads.
    const isLink = await lstat(current).then(
      (stat) => stat.isSymbolicLink(),
      () => false,
    );
    if (isLink) throw new AppError("forbidden", `${asked} is a link that leads nowhere`);
    if (dirname(current) === current) return { real: absolute, exists: false };
    rest.unshift(current.slice(dirname(current).length).replace(/^[\\/]+/, ""));
  }
}
