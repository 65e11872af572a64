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

/** How many of the first items of two lists are the very same: what was made of the one is good for these in the other. */
export function sharedLength(a: readonly unknown[], b: readonly unknown[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/**
 * What is gathered from a list, item by item: where the list is one of before that has only grown, from its new items alone.
 * Held by the first item, for as long as that lives; nothing else may be changed in what it gives.
 */
export function onceEach<T extends object, S>(begin: () => S, add: (gathered: S, item: T) => void): (list: T[]) => S {
  const all = new WeakMap<T, { list: T[]; gathered: S }>();
  return (list) => {
    const first = list[0];
    const known = first && all.get(first);
    const goesOn = known !== undefined && sharedLength(known.list, list) === known.list.length;
    const gathered = goesOn ? known.gathered : begin();
    for (let at = goesOn ? known.list.length : 0; at < list.length; at += 1) add(gathered, list[at]!);
    if (first) all.set(first, { list, gathered });
    return gathered;
  };
}

/** Makes something when it is first asked for, and gives the same from then on. */
export function once<R>(make: () => R): () => R {
  let made: { result: R } | undefined;
  return () => (made ??= { result: make() }).result;
}
