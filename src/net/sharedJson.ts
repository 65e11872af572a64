/** Longer JSON is kept in UTF-8, and only while somebody who sends it holds it. */
const LONG = 2000;

const short = new WeakMap<object, string>();
const long = new WeakMap<object, WeakRef<Buffer>>();

/**
 * The JSON of a value that never changes, the same for all who send it: as text where it is short, else in UTF-8. A thousand
 * readers of one event share it, and one that none of them has still to write takes no place beside the event.
 */
export function sharedJson(value: object): string | Buffer {
  const known = short.get(value) ?? long.get(value)?.deref();
  if (known !== undefined) return known;
  const json = JSON.stringify(value);
  if (json.length <= LONG) {
    short.set(value, json);
    return json;
  }
  // Not of a pool, which a small piece of it would keep whole.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  long.set(value, new WeakRef(bytes));
  return bytes;
}
