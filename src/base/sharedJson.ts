const known = new WeakMap<object, string>();

/** The JSON of a value that never changes, made once for as long as the value is held by anybody: a thousand readers of one event share it. */
export function sharedJson(value: object): string {
  let json = known.get(value);
  if (json === undefined) {
    json = JSON.stringify(value);
    known.set(value, json);
  }
  return json;
}
