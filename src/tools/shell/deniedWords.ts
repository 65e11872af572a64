import { readdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { isInside } from "../../base/files/isInside.ts";
import { followPath } from "../../base/files/realPath.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Rule } from "../../protocol/rule.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { isFolder } from "./namedFiles.ts";
import type { NamedLine } from "./namedPlaces.ts";

/**
 * The first word of a command that names what these rules deny to be read, by whatever name: such a file, a folder that has
 * one in it, or a pattern that stands for one. Words count in each folder that the command names, too.
 */
export async function deniedWord({ workspace, places }: NamedLine, rules: Rule[]): Promise<string | undefined> {
  const denying = rules.filter(({ deny }) => deny === "read");
  if (denying.length === 0) return undefined;
  const { named, isLeftOut } = await places();
  const denied = named.length === 0 ? { files: [], unseen: [] } : await deniedFiles(denying, workspace);
  for (const { word, places: led, isEntered } of named) {
    const reason = await placesReason(led, { denying, denied, workspace, isEntered });
    if (reason !== undefined) return visibleLine(`${word}: ${reason}`);
  }
  return isLeftOut ? "its words are too many to be held against what rules deny to be read" : undefined;
}

interface Denied {
  /** Absolute paths of what rules deny and is there. */
  files: string[];
  /** Folders with more in them than was looked at. */
  unseen: string[];
}

interface Judged {
  denying: Rule[];
  denied: Denied;
  workspace: string;
  /** The command only goes in there. */
  isEntered: boolean;
}

async function placesReason(
  places: string[],
  { denying, denied, workspace, isEntered }: Judged,
): Promise<string | undefined> {
  const isDeep = places[0]!.includes("**");
  for (const place of places) {
    const plain = deniedReading(denying, place, workspace);
    if (plain !== undefined) return plain;
    // Nobody on the network is told who asks.
    if (process.platform === "win32" && !isInside(workspace, place)) continue;
    const real = await followPath(place).catch(() => undefined);
    const linked = real === undefined ? undefined : deniedReading(denying, real, workspace);
    if (linked !== undefined) return linked;
    if (isEntered || real === undefined || isInside(real, workspace)) continue;
    const held = denied.files.find((file) => isInside(real, file));
    if (held !== undefined)
      return `${relative(workspace, held)} is in there, and ${deniedReading(denying, held, workspace)!}`;
    const isUnseen = denied.unseen.some((folder) => isInside(real, folder) || isInside(folder, real));
    if (isUnseen && (await isFolder(real))) return "it may hold what a rule denies to be read";
  }
  if (!isDeep) return undefined;
  // "**" stands for folders in folders in some shells.
  const pattern = relative(workspace, places[0]!);
  if ((pattern.match(/\*+/g)?.length ?? 0) > 8) return undefined;
  const fits = picomatch(pattern.split(sep).join("/"));
  const held = denied.files.find((file) => fits(relative(workspace, file).split(sep).join("/")));
  return held && deniedReading(denying, held, workspace);
}

const MAX_NAMES = 20_000;

/** What rules deny to be read and is there, each folder that is denied as one. Not in node_modules, where nobody keeps any. */
async function deniedFiles(rules: Rule[], workspace: string): Promise<Denied> {
  const found: Denied = { files: [], unseen: [] };
  for (const rule of rules) {
    const { base, negated } = picomatch.scan(rule.path ?? "");
    const folders = [negated ? workspace : resolve(workspace, base)];
    let names = 0;
    for (const folder of folders) {
      if (deniedReading([rule], folder, workspace) !== undefined) {
        found.files.push(folder);
        continue;
      }
      if (names > MAX_NAMES) {
        found.unseen.push(folder);
        continue;
      }
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      names += entries.length;
      for (const entry of entries) {
        const place = join(folder, entry.name);
        if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") folders.push(place);
        else if (deniedReading([rule], place, workspace) !== undefined) found.files.push(place);
      }
    }
  }
  return found;
}
