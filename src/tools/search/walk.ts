import { type Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";

/** Never searched: they are large, and nobody's own. */
export const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", "node_modules"]);

/**
 * All files of a workspace below a folder, as paths from the workspace with "/", sorted within each folder. Respects
 * .gitignore files from the workspace down and follows no links. Folders that cannot be read are passed over.
 */
export async function* walk(workspace: string, folder: string, signal: AbortSignal): AsyncGenerator<string> {
  const above: Rules[] = [];
  const names = folder === "." ? [] : folder.split("/");
  for (let depth = 0; depth < names.length; depth += 1) {
    const rules = await readRules(workspace, names.slice(0, depth).join("/"));
    if (rules) above.push(rules);
  }
  // Whoever names an ignored folder wants to see into it.
  const kept = above.filter((rules) => folder === "." || !isIgnored(`${folder}/`, [rules]));
  yield* walkFolder(workspace, names.join("/"), kept, signal);
}

interface Rules {
  base: string;
  ignore: Ignore;
}

async function* walkFolder(
  workspace: string,
  folder: string,
  above: Rules[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  signal.throwIfAborted();
  const own = await readRules(workspace, folder);
  const rules = own ? [...above, own] : above;
  const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch((): Dirent[] => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name) && !isIgnored(`${path}/`, rules))
        yield* walkFolder(workspace, path, rules, signal);
    } else if (entry.isFile() && !isIgnored(path, rules)) yield path;
  }
}

async function readRules(workspace: string, folder: string): Promise<Rules | undefined> {
  const text = await readFile(join(workspace, folder, ".gitignore"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : { base: folder === "" ? "" : `${folder}/`, ignore: ignore().add(text) };
}

/** The deepest rule that says anything decides. */
function isIgnored(path: string, rules: Rules[]): boolean {
  for (const { base, ignore } of rules.toReversed()) {
    const { ignored, unignored } = ignore.test(path.slice(base.length));
    if (ignored || unignored) return ignored;
  }
  return false;
}
