import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import { commonRepository, isPartOf, namedRepository } from "./namedRepository.ts";

/**
 * The repository outside of a folder that this folder is a worktree of. Both sides have to say so: a folder's own `.git` alone could name
 * anybody's. Undefined for all else.
 */
export async function worktreeRepository(folder: string): Promise<string | undefined> {
  const file = join(folder, ".git");
  const place = await namedRepository(file);
  const repository = place && (await commonRepository(place));
  if (!repository || !isPartOf(repository, place)) return undefined;
  const back = await smallText(join(place, "gitdir"), { noLink: true });
  const named = back === undefined ? undefined : await realpath(resolve(place, back.trim())).catch(() => undefined);
  return named !== undefined && named === (await realpath(file).catch(() => undefined)) ? repository : undefined;
}
