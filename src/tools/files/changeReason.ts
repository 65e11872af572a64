import { basename, relative } from "node:path";
import { otherNames } from "../../base/files/linkedFiles.ts";
import { protectedChange, protectedReason } from "../../rules/protectedPath.ts";
import type { WorkspacePath } from "./workspacePath.ts";

/** A file's text as it was and as it is to be; null where there is none. */
interface Change {
  path: WorkspacePath;
  before: string | null;
  after: string | null;
}

/** Why a file may not be changed so unasked: for its own name, or for another that it has in the workspace. */
export async function changeReason({ path, before, after }: Change, workspace: string): Promise<string | undefined> {
  const reasonFor = (name: string) => protectedReason(name, "write") ?? protectedChange(name, before, after);
  const own = reasonFor(path.real);
  if (own !== undefined || workspace === "") return own;
  const fromThere = (name: string) => reasonFor(relative(workspace, name));
  const [other] = await otherNames(workspace, [path.real], (name) => fromThere(name) !== undefined);
  return other && `it is ${basename(other)} under another name: ${fromThere(other)}`;
}
