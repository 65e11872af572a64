import { isAbsolute, join, normalize, relative, sep } from "node:path";
import picomatch from "picomatch";
import { protectedReason } from "../../rules/protectedPath.ts";
import { roughPaths } from "../../shell/roughPaths.ts";

/**
 * Tells of the protected paths of a workspace whether a line names them, or something in them, or a protected folder above: what
 * a person who was shown it has seen. A word counts from the workspace, and from each folder that other words lead to; with "*"
 * what it may stand for.
 */
export function seenPaths(line: string, workspace: string): SeenPaths {
  const words = [...new Set(roughPaths(line, "posix"))].flatMap((word) => toSeenWord(word, workspace));
  return (path, { whole = false } = {}) => {
    const parts = relative(workspace, path).split(sep);
    const starts = new Set([0]);
    for (const from of starts) {
      const rest = parts.slice(from);
      for (const word of words) {
        if (!fits(word, rest)) continue;
        const isWithin = word.names.length > rest.length;
        const isAbove = word.names.length < rest.length && word.isProtected;
        if (isAbove || word.names.length === rest.length || (isWithin && !whole)) return true;
        starts.add(from + word.names.length);
      }
    }
    return false;
  };
}

/** `whole`: it, or a folder above, and not only something in it. */
export type SeenPaths = (path: string, options?: { whole?: boolean }) => boolean;

interface SeenWord {
  names: ((name: string) => boolean)[];
  isProtected: boolean;
}

/** [] for what stands for everything, or lies elsewhere. */
function toSeenWord(word: string, workspace: string): SeenWord[] {
  const inside = isAbsolute(word) ? relative(workspace, word) : normalize(word);
  const names = inside.split(/[\\/]/).filter((name) => name !== "" && name !== ".");
  if (names.length === 0 || names[0] === ".." || names.some((name) => /^[*?]+$/.test(name))) return [];
  const place = names.join("/");
  const isProtected = (["read", "write"] as const).some((use) => protectedReason(join(place, "x"), use) !== undefined);
  return [{ names: names.map(toTest), isProtected }];
}

function toTest(name: string): (one: string) => boolean {
  return /[*?[]/.test(name) ? picomatch(name, { dot: name.startsWith(".") }) : (one) => one === name;
}

function fits({ names }: SeenWord, rest: string[]): boolean {
  const count = Math.min(names.length, rest.length);
  return count > 0 && rest.slice(0, count).every((name, at) => names[at]!(name));
}
