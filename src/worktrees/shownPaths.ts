/** Paths as a sentence has them: the first five, and how many more. */
export function shownPaths(paths: string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : "";
  return `${paths.slice(0, 5).join(", ")}${more}`;
}
