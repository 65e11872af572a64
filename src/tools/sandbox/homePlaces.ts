import { readdir, realpath } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve, sep } from "node:path";
import { protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";

/**
 * Of a home folder, what tools keep there for themselves: programs and packages. Never their logins, and no cache that a
 * tool fails without writing to: in its place it finds an empty one.
 */
export const TOOL_PLACES = [
  ".bun/bin",
  ".bun/install",
  ".cache/ms-playwright",
  ".cache/node",
  ".cache/pre-commit",
  ".cache/pypoetry/virtualenvs",
  ".cargo/bin",
  ".cargo/git",
  ".cargo/registry",
  ".deno",
  ".dotnet",
  ".gem/ruby",
  ".gradle/caches",
  ".gradle/wrapper",
  ".local/bin",
  ".local/lib",
  ".local/share/fnm",
  ".local/share/mise",
  ".local/share/pnpm",
  ".local/share/uv",
  ".m2/repository",
  ".nvm",
  ".pyenv",
  ".rbenv",
  ".rustup",
  ".sdkman/candidates",
  ".volta",
  "Library/Caches/ms-playwright",
  "go/bin",
  "go/pkg",
];

/** What lies in there and is a login or a key all the same. */
export const PRIVATE_PLACES = [".dotnet/corefx", ".local/share/uv/credentials"];

/**
 * The folders that a command line's programs come from and that lie outside of the system's: for "x/bin" all of x, where
 * its libraries are, unless that is a home folder, a project, or another with more in it.
 */
export async function programFolders(path: string, home: string): Promise<string[]> {
  const found = new Set<string>();
  for (const entry of path.split(delimiter).filter((folder) => folder !== "")) {
    const real = await realpath(entry).catch(() => undefined);
    if (real === undefined) continue;
    const prefix = /^s?bin$|^\.bin$/.test(basename(real)) ? dirname(real) : real;
    found.add(isOwnPlace(prefix, home) && !(await holdsPrivate(prefix)) ? prefix : real);
  }
  return [...found].filter((folder) => folder !== sep);
}

/** Deep enough to be one tool's, and none that holds all kinds of things. */
function isOwnPlace(folder: string, home: string): boolean {
  if (resolve(home).startsWith(folder) || dirname(folder) === sep || folder === "/usr/local") return false;
  // Such as ~/.cargo, which has its login beside its programs.
  return dirname(folder) !== resolve(home);
}

/** A state folder, a repository, or what has secrets beside its programs. */
async function holdsPrivate(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.some((name) => {
    const path = join(folder, name);
    return [".git", ".hg", ".svn"].includes(name) || stateReason(path) !== undefined || isProtectedName(name);
  });
}

function isProtectedName(name: string): boolean {
  return protectedReason(name, "read") !== undefined || protectedReason(join(name, "x"), "read") !== undefined;
}
