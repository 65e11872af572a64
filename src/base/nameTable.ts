/** A table to be asked for names from outside: it has those given, and none that every object has, as `constructor`. */
export function nameTable<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}
