import picomatch from "picomatch";

/** Whether a path from the workspace fits a glob. One without a slash fits names at any depth; one that starts with "!" fits all others. */
export function pathGlob(glob: string): (path: string) => boolean {
  const isNot = glob.startsWith("!");
  const bare = (isNot ? glob.slice(1) : glob).replace(/^\.?\//, "").replace(/\/$/, "/**");
  const matches = picomatch(bare.includes("/") ? bare : `**/${bare}`, { dot: true });
  return (path) => matches(path) !== isNot;
}
