import { wildcard } from "./wildcard.ts";

/** Whether a path from the workspace fits a glob. One without a slash fits names at any depth; one that starts with "!" fits all others. */
export function pathGlob(glob: string): (path: string) => boolean {
  const isNot = glob.startsWith("!") && !glob.startsWith("!(");
  const bare = (isNot ? glob.slice(1) : glob).replace(/^\.?\//, "").replace(/\/$/, "/**");
  const matches = wildcard(bare.includes("/") ? bare : `**/${bare}`);
  return (path) => matches(path) !== isNot;
}
