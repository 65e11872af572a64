import { stateFolders } from "../../rules/protectedState.ts";
import { SECRET_GLOBS } from "../../rules/secretNames.ts";
import { isInside } from "../../base/files/isInside.ts";
import { asGlob, secretLinks } from "../sandbox/secretLinks.ts";
import { areReadable } from "./readableWords.ts";
import { searchPaths } from "./searchWords.ts";

/** The words of a search with rg that only reads inside, with protected files left out whatever else it says. */
export async function harmlessRipgrep(args: string[], workspace: string): Promise<string[] | undefined> {
  // Not -u, --hidden, -L, --pre, -z, -f and --no-ignore: each reads more than it seems to.
  const paths = searchPaths(
    args,
    /^-[FHINPSUcilnopsvwx]+$/,
    /^-[ABCMegtTm]$/,
    /^--(ignore-case|smart-case|line-number|count|files-with-matches|fixed-strings|glob=.*|type=\w+|no-heading|heading|color=\w+|word-regexp|multiline|context=\d+|max-count=\d+|json|stats)$/,
  );
  if (!paths || !(await areReadable(paths, workspace))) return undefined;
  // What is in there has names of all kinds.
  if (stateFolders().some((folder) => isInside(workspace, folder))) return undefined;
  const links = await secretLinks(workspace);
  if (!links) return undefined;
  // Those without regard to case come after all others, whatever the order, and the last that fits decides.
  const left = [...SECRET_GLOBS, ...links.map((path) => `/${asGlob(path)}`)];
  return ["rg", "--no-config", ...left.map((glob) => `--iglob=!${glob}`), ...args];
}
