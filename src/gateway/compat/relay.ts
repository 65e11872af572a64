/** Turns calls of `tell` into an iterable that its reader pulls. A `tell` resolves once its reader asks for the next item, or has left, be it in the middle of this one. */
export async function* relay<Item>(
  work: (tell: (item: Item) => Promise<void>) => Promise<void>,
): AsyncGenerator<Item[]> {
  // Items that no reader has taken yet.
  const told: { item: Item; taken: () => void }[] = [];
  const take = (count: number) => {
    for (const { taken } of told.splice(0, count)) taken();
  };
  let wake = Promise.withResolvers<void>();
  let isOver = false;
  const done = work((item) => {
    if (isOver) return Promise.resolve();
    const taken = Promise.withResolvers<void>();
    told.push({ item, taken: () => taken.resolve() });
    wake.resolve();
    return taken.promise;
  }).finally(() => {
    isOver = true;
    wake.resolve();
  });
  // Awaited below, when all that was told is out.
  done.catch(() => {});
  try {
    for (;;) {
      const next = told.map(({ item }) => item);
      if (next.length > 0) {
        yield next;
        take(next.length);
      } else if (isOver) return await done;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  } finally {
    isOver = true;
    take(told.length);
  }
}
