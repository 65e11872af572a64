/** The same value, with every half of a character (a lone surrogate) in its texts replaced: APIs refuse those. */
export function wellFormed<T>(value: T): T {
  if (typeof value === "string") return (value.isWellFormed() ? value : value.toWellFormed()) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => wellFormed(item));
    return (items.some((item, at) => item !== value[at]) ? items : value) as T;
  }
  // What is no plain object, an abort signal say, is not for us to copy.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => {
    const fields = [wellFormed(key), wellFormed(item)] as const;
    if (fields[0] !== key || fields[1] !== item) changed = true;
    return fields;
  });
  return changed ? (Object.fromEntries(entries) as T) : value;
}
