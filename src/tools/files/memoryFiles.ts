import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { realPath } from "../../base/files/realPath.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { deniedReason } from "./closedReason.ts";
import { createDiskFiles } from "./diskFiles.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import { type FoundText, readWorkspaceText } from "./workspaceText.ts";

/** Whose notes they are. */
export type MemoryPlace = "user" | "workspace";

export interface MemoryFile extends Omit<FoundText, "text"> {
  place: MemoryPlace;
  /** Without its ending. */
  name: string;
  /** null where there is none yet. */
  text: string | null;
  /** What its files are read and written with. */
  context: ToolContext;
}

const MOST_FILES = 100;
const NAME = /^[\w-]{1,64}$/;

/** The places that a session has notes in: its folder's first. */
export function memoryPlaces({ workspace, ownMemory }: ToolContext): MemoryPlace[] {
  const places: MemoryPlace[] = [];
  if (workspace !== "") places.push("workspace");
  if (ownMemory !== undefined) places.push("user");
  return places;
}

/**
 * One file of notes: .pincer/memory.md or .pincer/memory/NAME.md of the workspace, memory.md or NAME.md of the user's folder.
 * bad_request for a name that is none, or a place that the session has not.
 */
export async function openMemory(context: ToolContext, place: MemoryPlace, name = "memory"): Promise<MemoryFile> {
  if (!NAME.test(name))
    throw new AppError("bad_request", `${quotedLine(name)} is no name of notes: letters, digits, - and _, 64 at most`);
  if (!memoryPlaces(context).includes(place))
    throw new AppError(
      "bad_request",
      place === "workspace"
        ? "This session has no workspace folder"
        : "There is no place for notes of the user's own here",
    );
  if (place === "workspace") {
    const path = name === "memory" ? ".pincer/memory.md" : `.pincer/memory/${name}.md`;
    const found = await readWorkspaceText(context, path);
    const denied = deniedReason(context, found.path.real);
    if (denied !== undefined) throw new AppError("forbidden", denied);
    return { place, name, context, ...found };
  }
  // Beside the token and the keys: nothing but its own folder, and past whoever looks after a workspace's files.
  const state = realPath(dirname(context.ownMemory!));
  const within = { ...context, workspace: state, files: createDiskFiles() };
  const found = await readWorkspaceText(within, join("memory", `${name}.md`));
  if (found.path.shown !== `memory/${name}.md`)
    throw new AppError("forbidden", `The notes ${name} are a link to ${found.path.shown}`);
  // By its whole path: nobody takes it for a file of the folder.
  return { place, name, context: within, ...found, path: { ...found.path, shown: found.path.real } };
}

/** All notes that there are, and what of them was not looked at, in words: files past the first hundred, and those that cannot be read. */
export async function listMemory(context: ToolContext): Promise<{ files: MemoryFile[]; leftOut: string[] }> {
  const files: MemoryFile[] = [];
  const leftOut: string[] = [];
  for (const place of memoryPlaces(context)) {
    const folder = place === "workspace" ? join(context.workspace, ".pincer", "memory") : context.ownMemory!;
    const entries: string[] = await readdir(folder).catch(() => []);
    const own = entries.filter((one) => one.endsWith(".md")).map((one) => one.slice(0, -3));
    const names = [...new Set(["memory", ...own.filter((one) => NAME.test(one)).toSorted()])];
    for (const name of names.slice(0, MOST_FILES)) {
      const file = await openMemory(context, place, name).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        leftOut.push(`${name}.md (${place}): ${error.message}`);
      });
      if (file && file.text !== null && file.text.trim() !== "") files.push(file);
    }
    const more = names.length - MOST_FILES;
    if (more > 0) leftOut.push(`${more} files (${place}), from ${names[MOST_FILES]}.md on: read one by its name`);
  }
  return { files, leftOut };
}
