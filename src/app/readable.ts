import { resolve } from "node:path";
import { AppError } from "../base/appError.ts";
import { pathWithin } from "../base/files/diskPath.ts";
import { realPath } from "../base/files/realPath.ts";
import type { OutFile } from "../core/ports/outside/outFile.ts";
import type { Attachment } from "../protocol/message.ts";
import type { Rule } from "../protocol/rule.ts";
import { deniedReading } from "../rules/deniedReading.ts";
import { protectedReason } from "../rules/protectedPath.ts";
import { readImage } from "../tools/files/readImage.ts";
import { secretReason } from "../tools/files/secretReason.ts";
import { toWorkspacePath } from "../tools/files/workspacePath.ts";
import { listFiles } from "../tools/search/fileList.ts";

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
  const folder = folders.map(realPath).find((one) => pathWithin(one, realPath(path)) !== undefined);
  if (folder === undefined) throw new AppError("forbidden", "it lies outside of this window's folders");
  const { real, exists } = await toWorkspacePath(folder, path);
  if (!exists) throw new AppError("not_found", "it is not there any more");
  const reason = await secretReason(folder, real);
  if (reason !== undefined) throw new AppError("forbidden", `${reason}, so the agent does not get it this way`);
  const denied = deniedReading(rules, real, folder);
  if (denied !== undefined) throw new AppError("forbidden", denied);
  const image = await readImage(real);
  return { real, ...(image ? { image } : {}) };
}
