import { type GitOptions, runGit } from "./runGit.ts";

/** What has changed in a repository, without the files that were refused, and why each of them was. */
export interface ChangesPatch {
  text: string;
  left: { path: string; reason: string }[];
}

export interface ChangesOptions {
  /** Of the repository. */
  top: string;
  staged: boolean;
  /** Why nothing of a path from the top may be in the patch. */
  refused(path: string): Promise<string | undefined>;
  /** Absolute path of git, where it is known. */
  program?: string | undefined;
}

/** Of all files that one call of git is given: Windows takes 32,000 characters with all that starts it. */
const MOST_CHARS = 16_000;

/**
 * A patch of what is staged, or of what is not, as git writes it with no settings of the user's. Of a file that was renamed both
 * names count.
 */
export async function changesPatch({ top, staged, refused, program }: ChangesOptions): Promise<ChangesPatch> {
  const options = { cwd: top, program };
  const kept: string[][] = [];
  const out: string[] = [];
  const left: ChangesPatch["left"] = [];
  for (const names of await listChanges(staged, options)) {
    const reasons = await Promise.all(names.map(async (path) => ({ path, reason: await refused(path) })));
    const found = reasons.find(({ reason }) => reason !== undefined);
    if (found) {
      left.push({ path: found.path, reason: found.reason! });
      out.push(...names);
    } else kept.push(names);
  }
  const patches: string[] = [];
  for (const paths of inCalls(toPathspecs(kept, out))) patches.push(await diff(staged, [], paths, options));
  return { text: patches.join(""), left };
}

/** The names of each file that has changed: the old and the new one of a file that was renamed. */
async function listChanges(staged: boolean, options: GitOptions): Promise<string[][]> {
  const words = (await diff(staged, ["--name-status", "-z"], [], options)).split("\0").slice(0, -1);
  const files = new Map<string, string[]>();
  while (words.length > 0) {
    const names = words.splice(0, /^[RC]/.test(words[0]!) ? 3 : 2).slice(1);
    // A file in conflict is told twice.
    files.set(names.join("\0"), names);
  }
  return [...files.values()];
}

function diff(staged: boolean, flags: string[], paths: string[], options: GitOptions): Promise<string> {
  const plain = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--submodule=short"];
  return runGit(["diff", ...(staged ? ["--cached"] : []), ...plain, ...flags, "--", ...paths], options);
}

/** What means each file. By its name a folder is meant, too, that stands where the file was: what lies in it and stays out is said. */
function toPathspecs(files: string[][], out: string[]): string[][] {
  const within = Map.groupBy(
    out.flatMap((path) => foldersAbove(path).map((folder) => ({ folder, path }))),
    ({ folder }) => folder,
  );
  return files.map((names) => [
    ...names.map((name) => `:(top,literal)${name}`),
    ...names.flatMap((name) => within.get(name) ?? []).map(({ path }) => `:(top,exclude,literal)${path}`),
  ]);
}

function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function inCalls(files: string[][]): string[][] {
  const calls: string[][] = [];
  let room = 0;
  for (const paths of files) {
    // Windows has them quoted, with blanks between.
    const length = paths.reduce((sum, path) => sum + path.length + 3, 0);
    if (length > room) {
      calls.push([]);
      room = MOST_CHARS;
    }
    calls.at(-1)!.push(...paths);
    room -= length;
  }
  return calls;
}
