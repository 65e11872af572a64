import { wildcard } from "./wildcard.ts";

/**
 * Whether a path from the workspace fits a glob. One without a slash fits names at any depth; one that starts with "!"
 * fits all others. On Windows a backslash is a slash; elsewhere it takes the next sign as it is. Brackets also fit
 * themselves: "[id].tsx" is a name more often than a choice of letters.
 */
export function pathGlob(glob: string, platform: NodeJS.Platform = process.platform): (path: string) => boolean {
  const isNot = glob.startsWith("!") && !glob.startsWith("!(");
  const slashed = platform === "win32" ? glob.replaceAll("\\", "/") : glob;
  const bare = (isNot ? slashed.slice(1) : slashed).replace(/^\.?\//, "").replace(/\/$/, "/**");
  const anywhere = bare.includes("/") ? bare : `**/${bare}`;
  const hasPlainBrackets = bare.includes("[") && !bare.includes("\\");
  const meanings = hasPlainBrackets ? [anywhere, anywhere.replace(/[[\]]/g, "\\$&")] : [anywhere];
  const all = meanings.map((meaning) => wildcard(meaning));
  return (path) => all.some((matches) => matches(path)) !== isNot;
}

/** The same of a glob that may count from a folder of the workspace too, or be a whole path in it. */
export function globIn(
  glob: string,
  { workspace, folder }: { workspace: string; folder: string },
): (path: string) => boolean {
  const bare = glob.startsWith(`${workspace}/`) ? glob.slice(workspace.length + 1) : glob;
  const fits = pathGlob(bare);
  const prefix = folder === "." ? "" : `${folder}/`;
  return (path) => {
    const names = path.startsWith(prefix) ? [path, path.slice(prefix.length)] : [path];
    return bare.startsWith("!") ? names.every(fits) : names.some(fits);
  };
}
