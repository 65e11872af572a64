import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { runGit } from "./runGit.ts";

/** Names, or paths from the repository's root, of what git ignores, and is there in worktrees all the same. */
export interface IgnoredRule {
  /** Folders with links to what is in the repository's. */
  link: string[];
  /** Files and folders that are copied. */
  copy: string[];
}

/** What is there in a repository of those names and paths, and is ignored by its git: paths from its root. */
export async function ignoredPlaces(root: string, rule: IgnoredRule): Promise<IgnoredRule> {
  const listed = await runGit(["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"], {
    cwd: root,
  });
  const paths = listed.split("\0").filter(Boolean);
  const find = async (wanted: string[], among: string[]) => {
    const names = new Set(wanted.map(plain));
    const found = among.map(plain).filter((path) => names.has(path) || names.has(basename(path)));
    // What lies in an ignored folder is not listed by itself.
    const inner = [...names].filter((name) => name.includes("/") && !found.includes(name));
    const isThere = await Promise.all(inner.map((path) => isIgnored(root, path)));
    return [...found, ...inner.filter((_path, at) => isThere[at])];
  };
  const link = await find(
    rule.link,
    paths.filter((path) => path.endsWith("/")),
  );
  return { link, copy: (await find(rule.copy, paths)).filter((path) => !link.includes(path)) };
}

function plain(path: string): string {
  return path.replaceAll("\\", "/").replace(/^\.\//, "").replace(/\/+$/, "");
}

async function isIgnored(root: string, path: string): Promise<boolean> {
  if (!existsSync(join(root, path))) return false;
  return runGit(["check-ignore", "--quiet", "--", path], { cwd: root }).then(
    () => true,
    () => false,
  );
}
