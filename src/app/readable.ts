import { join, resolve } from "node:path";
import { AppError } from "../base/appError.ts";
import { pathWithin } from "../base/files/diskPath.ts";
import { realPath } from "../base/files/realPath.ts";
import type { OutFile } from "../core/ports/outside/outFile.ts";
import type { Attachment } from "../protocol/message.ts";
import type { Rule } from "../protocol/rule.ts";
import { deniedReading } from "../rules/deniedReading.ts";
import { protectedReason } from "../rules/protectedPath.ts";
import { readImage } from "../tools/files/readImage.ts";
import { secretReason } from "../rules/secretReason.ts";
import { toWorkspacePath } from "../tools/files/workspacePath.ts";
import { listFiles } from "../tools/search/fileList.ts";
import { type ChangesOptions, type ChangesPatch, changesPatch } from "../worktrees/changesPatch.ts";

/** The files of a folder that the agent may read unasked by their names, without those that git ignores: from the folder, with "/". */
export async function* listReadable(folder: string, env: NodeJS.ProcessEnv): AsyncGenerator<string> {
  const { signal } = new AbortController();
  for await (const path of listFiles({ workspace: realPath(folder), folder: ".", signal, unreadable() {}, env }))
    if (protectedReason(path, "read") === undefined) yield path;
}

/** An image of one folder, by the same rules: undefined for what is none. */
export async function openPicture(folder: string, path: string, rules: Rule[]): Promise<OutFile | undefined> {
  const { image } = await openReadable([folder], resolve(folder, path), rules);
  return image && { name: image.name, data: Buffer.from(image.data, "base64") };
}

export interface ReadableFile {
  /** Absolute, every link in it resolved. */
  real: string;
  /** What it shows, where it is one that models can look at. */
  image?: Attachment;
}

/**
 * A file that a user hands to the agent, by the rules of the tool `read`: throws `forbidden` where that would be refused or
 * would have to ask, and for what lies outside of all folders.
 */
export async function openReadable(folders: string[], path: string, rules: Rule[]): Promise<ReadableFile> {
  const folder = folderAround(folders, realPath(path));
  if (folder === undefined) throw new AppError("forbidden", "it lies outside of this window's folders");
  const { real, exists } = await toWorkspacePath(folder, path);
  if (!exists) throw new AppError("not_found", "it is not there any more");
  const refused = await refusedReading(folders, real, rules);
  if (refused !== undefined) throw new AppError("forbidden", refused);
  const image = await readImage(real);
  return { real, ...(image ? { image } : {}) };
}

/**
 * Why a file is not handed to the agent, by its own name or the real one: the tool `read` would refuse it, or ask. Undefined where
 * nothing speaks against it. Rules with a path go by the folder around it.
 */
export async function refusedReading(folders: string[], path: string, rules: Rule[]): Promise<string | undefined> {
  const real = realPath(path);
  const folder = folderAround(folders, real) ?? "";
  const secret = protectedReason(path, "read") ?? (await secretReason(folder, real));
  if (secret !== undefined) return `${secret}, so the agent does not get it this way`;
  return deniedReading(rules, real, folder);
}

/** What has changed in a repository, by the same rules. */
export function readableChanges(
  folders: string[],
  repository: Omit<ChangesOptions, "refused">,
  rules: Rule[],
): Promise<ChangesPatch> {
  const top = realPath(repository.top);
  return changesPatch({ ...repository, top, refused: (path) => refusedReading(folders, join(top, path), rules) });
}

function folderAround(folders: string[], real: string): string | undefined {
  return folders.map(realPath).find((one) => pathWithin(one, real) !== undefined);
}
