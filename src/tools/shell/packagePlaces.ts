import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import picomatch from "picomatch";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { isInside } from "../../base/files/isInside.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";
import { realPath } from "../../base/files/realPath.ts";
import { foldedName } from "../../rules/protectedPath.ts";

/** What is known of the places that the words of a line name. */
export interface PackagePlaces {
  /** It surely lies outside of the workspace. */
  isOutside(text: string): boolean;
  /** It is a package.json of the workspace under another name. */
  isLink(text: string): boolean;
  /** It is a folder whose package.json would be written over. */
  holdsOne(text: string): boolean;
  /** What is built is put there: nobody runs the scripts of it. */
  isBuilt(text: string): boolean;
}

const PACKAGE = "package.json";

/** Whether a word names a package.json, or is a pattern that says enough to stand for one: "*.json". */
export function isPackage(word: string): boolean {
  const name = foldedName(word.split(/[\\/]/).at(-1) ?? "");
  if (name === PACKAGE) return true;
  const isPattern = /[*?[]/.test(name) && name.length < 100 && name.replace(/[*?[\]]/g, "").length >= 3;
  return isPattern && (name.match(/\*+/g)?.length ?? 0) <= 8 && picomatch(name, { dot: true })(PACKAGE);
}

export function createPackagePlaces(line: string, workspace: string): PackagePlaces {
  const roots = [workspace, realPath(workspace)];
  const isIn = (path: string) => roots.some((root) => isInside(root, path));
  // Relative words may then count from elsewhere.
  const goes = GOES.test(line);
  const isBuilt = (text: string) => BUILT.test(relative(workspace, resolve(workspace, text)));
  const links = new Map<string, boolean>();
  return {
    isOutside: (text) => {
      const home = text.replace(/^~(?=\/|$)/, () => homeFolder());
      const [known = ""] = home.split(/[$`*?[{%]/, 1);
      const place = known === home ? home : known.replace(/[^\\/]*$/, "");
      if (!isWholePath(place) && (goes || !place.startsWith(".."))) return false;
      const path = resolve(workspace, place);
      // Of a process: its own folder is the workspace, by whatever link.
      if (path.startsWith("/proc/") || isIn(path) || leadsIn(path, isIn)) return false;
      return known === home || !roots.some((root) => isInside(path, root));
    },
    isLink: (text) => {
      const known = links.get(text) ?? isLinkTo(resolve(workspace, text), isIn);
      links.set(text, known);
      return known;
    },
    holdsOne: (text) => {
      const folder = resolve(workspace, text);
      if (isBuilt(text)) return false;
      return roots.includes(folder) || (goes && /^\.{0,2}[\\/]?$/.test(text)) || existsSync(join(folder, PACKAGE));
    },
    isBuilt,
  };
}

/** Whether a link leads in. On Windows nobody on the network is told who asks. */
function leadsIn(path: string, isIn: (path: string) => boolean): boolean {
  return process.platform !== "win32" && (isIn(realPath(path)) || isIn(realPath(dirname(path))));
}

const GOES = /\b(cd|pushd|popd|chdir|sl|set-location)\b|\s-C/i;

const BUILT = /(^|[\\/])(dist|build|out|target|release)([\\/]|$)/;

function isLinkTo(path: string, isIn: (path: string) => boolean): boolean {
  if (path.length > 1000 || path.includes("\0") || !isIn(path)) return false;
  try {
    const file = statSync(path, { bigint: true });
    if (!file.isFile()) return false;
    const real = realPath(path);
    if (isPackage(basename(real)) && isIn(real)) return true;
    const other = file.nlink > 1n && statSync(join(dirname(real), PACKAGE), { bigint: true });
    return other && other.dev === file.dev && other.ino === file.ino;
  } catch {
    return false;
  }
}
