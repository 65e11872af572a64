import { wildcard } from "./wildcard.ts";

/** What the lines of a .gitignore say of paths from its folder. */
export interface IgnoreRules {
  /** Of a path itself, not of the folders it is in; undefined when no line says anything. */
  decide(path: string, isFolder: boolean): boolean | undefined;
}

const MAX_RULES = 10_000;

/** Reads a .gitignore as git does; a line that is not understood says nothing. */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/, MAX_RULES)
    .flatMap((line) => toRule(line) ?? [])
    .toReversed();
  return {
    decide(path, isFolder) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const found = rules.find((rule) => (isFolder || !rule.folderOnly) && rule.fits(path, name));
      return found && !found.isBack;
    },
  };
}

interface Rule {
  isBack: boolean;
  folderOnly: boolean;
  fits(path: string, name: string): boolean;
}

function toRule(line: string): Rule | undefined {
  const kept = line.replace(/(?<!\\) +$/, "");
  if (kept === "" || kept.startsWith("#")) return undefined;
  const isBack = kept.startsWith("!");
  const bare = isBack ? kept.slice(1) : kept;
  const folderOnly = bare.endsWith("/");
  const pattern = folderOnly ? bare.replace(/\/+$/, "") : bare;
  if (pattern === "") return undefined;
  const isAnchored = pattern.includes("/");
  const inFolder = pattern.replace(/^\//, "");
  // Most lines are plain names.
  if (!/[*?[\\]/.test(pattern))
    return { isBack, folderOnly, fits: (path, name) => (isAnchored ? path : name) === inFolder };
  try {
    // Braces and the like mean nothing there.
    const matches = wildcard(inFolder.replace(/[{}]|(?<=[!@+])\(/g, String.raw`\$&`));
    return { isBack, folderOnly, fits: (path, name) => matches(isAnchored ? path : name) };
  } catch {
    return undefined;
  }
}
