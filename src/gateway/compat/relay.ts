/** What `work` tells, as it is asked for: each `tell` resolves when the reader wants more, or has gone. */
export async function* relay<Item>(
  work: (tell: (item: Item) => Promise<void>) => Promise<void>,
): AsyncGenerator<Item[]> {
  const told: { item: Item; taken: () => void }[] = [];
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
      const next = told.splice(0);
      if (next.length > 0) {
        yield next.map(({ item }) => item);
        for (const { taken } of next) taken();
      } else if (isOver) return await done;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  } finally {
    isOver = true;
    for (const { taken } of told.splice(0)) taken();
  }
}
