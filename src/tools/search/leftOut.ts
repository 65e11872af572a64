import { shownName } from "../files/shownName.ts";

const MAX_NAMED = 5;

/** One line that says what was left out and why, as in "[not searched, because it is very large: a.log, 3 more]"; none when nothing was. */
export function leftOut(why: string, paths: string[]): string[] {
  if (paths.length === 0) return [];
  const names = paths.slice(0, MAX_NAMED).map(shownName);
  const more = paths.length > MAX_NAMED ? [`${paths.length - MAX_NAMED} more`] : [];
  return [`[${why}: ${[...names, ...more].join(", ")}]`];
}
