/** The path as a glob that fits nothing but it; undefined for one that no glob says. */
export function exactPath(path: string): string | undefined {
  // At its beginning it would turn the whole pattern round.
  if (path.startsWith("!") || path.includes("\\")) return undefined;
  return path.replace(/[[\]{}()*?+@|]/g, "[$&]");
}
