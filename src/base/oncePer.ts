/** Makes something of an object once, and gives the same again for as long as that object lives. It must not change. */
export function oncePer<T extends object, R>(make: (from: T) => R): (from: T) => R {
  const made = new WeakMap<T, { result: R }>();
  return (from) => {
    const known = made.get(from);
    if (known) return known.result;
    const result = make(from);
    made.set(from, { result });
    return result;
  };
}

/** Makes something when it is first asked for, and gives the same from then on. */
export function once<R>(make: () => R): () => R {
  let made: { result: R } | undefined;
  return () => (made ??= { result: make() }).result;
}
