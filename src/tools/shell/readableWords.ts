import { resolve } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { secretReason } from "../../rules/secretReason.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import type { HarmlessCommand } from "./harmlessCommands.ts";
import { isFolder } from "./namedFiles.ts";

/** The words of a command that name files; undefined when an option is not one of the known ones. */
export function pathsOf(args: string[], known: HarmlessCommand): string[] | undefined {
  if (known.check) return known.check(args);
  const positional: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === "--") {
      positional.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") positional.push(arg);
    else if (known.numeric && /^-\d+$/.test(arg)) continue;
    else if (arg.startsWith("--")) {
      const name = arg.replace(/=.*$/s, "");
      if (!known.long?.includes(name)) return undefined;
    } else {
      const takesNext = shortOptions(arg.slice(1), known);
      if (takesNext === undefined) return undefined;
      if (takesNext) at += 1;
    }
  }
  return positional.slice(known.texts ?? 0).filter((path) => path !== "-");
}

/** Whether a cluster such as "-nA" takes the next word; undefined when a letter of it is not known. */
function shortOptions(cluster: string, known: HarmlessCommand): boolean | undefined {
  for (const [index, letter] of [...cluster].entries()) {
    if (known.valued?.includes(letter)) return index === cluster.length - 1;
    if (!known.flags?.includes(letter)) return undefined;
  }
  return false;
}

/** Whether all of these paths, from `inside` on, lead to something inside the workspace that is not protected. */
export async function areReadable(paths: string[], workspace: string, inside = workspace): Promise<boolean> {
  for (const path of paths) if (!(await isReadable(resolve(inside, path), workspace))) return false;
  return true;
}

/** The real path of a folder of the workspace that is not protected; undefined for all else. */
export async function readableFolder(path: string, workspace: string): Promise<string | undefined> {
  if (!(await isReadable(path, workspace))) return undefined;
  const { real } = await toWorkspacePath(workspace, path, true);
  return (await isFolder(real)) ? real : undefined;
}

async function isReadable(path: string, workspace: string): Promise<boolean> {
  try {
    const { real, shown } = await toWorkspacePath(workspace, path, true);
    const isSecret = (await secretReason(workspace, real)) !== undefined;
    return !isSecret && [shown, path].every((name) => !protectedReason(name, "read"));
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}
