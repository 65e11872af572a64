import { relative, sep } from "node:path";
import { otherNames } from "../../base/files/linkedFiles.ts";
import { protectedScan } from "./protectedScan.ts";

/**
 * The other names that secrets of a workspace have in it (hard links), from there and with "/". Undefined when there are too many
 * folders to look through.
 */
export async function secretLinks(workspace: string): Promise<string[] | undefined> {
  const found = await protectedScan.find(workspace);
  if (!found) return undefined;
  const files = found.secrets.filter(({ as, isGit }) => as === "file" && !isGit).map(({ path }) => path);
  return (await otherNames(workspace, files)).map((path) => relative(workspace, path).split(sep).join("/"));
}

/** A path as a glob that fits nothing else. */
export function asGlob(path: string): string {
  return path.replace(/[*?[\]{}\\!]/g, "\\$&");
}
