/** As many as are read side by side: their handles are open, and their bytes in memory, meanwhile. */
const AT_ONCE = 32;

/** What `work` makes of each, in their order, some at a time. */
export async function inGroups<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const made: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    made.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  return made;
}
