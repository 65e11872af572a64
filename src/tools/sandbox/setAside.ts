import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { protectedReason } from "../../rules/protectedPath.ts";

/** The names at the top of a workspace that decide what code runs; what editors and agents look at lies there. */
export async function rulingNames(workspace: string): Promise<Set<string>> {
  const names = await readdir(workspace).catch((): string[] => []);
  return new Set(names.filter((name) => protectedReason(name, "write") && !protectedReason(name, "read")));
}

/**
 * Renames what a sandboxed command made at the top of its workspace that it had no right to make, for what is not there
 * yet cannot be kept from being made. Resolves with the names.
 */
export async function setAside(workspace: string, before: ReadonlySet<string>): Promise<string[]> {
  const made = [...(await rulingNames(workspace))].filter((name) => !before.has(name));
  for (const name of made) {
    await rename(join(workspace, name), join(workspace, `${name}.set-aside-${Date.now().toString(36)}`)).catch(
      () => {},
    );
  }
  return made;
}
