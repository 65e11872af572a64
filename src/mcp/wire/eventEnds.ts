// A line may end in three ways, and an empty one ends an event.
const ENDS = ["\n\n", "\r\r", "\r\n\r\n", "\n\r\n", "\r\n\r", "\r\n\n"];

/** So many bytes at the end of a piece may be the beginning of an event's end. */
export const LONGEST_END = 3;

/** Where, in bytes of a stream of events, the last event that is whole ends; negative where none does. */
export function lastEventEnd(bytes: Buffer): number {
  return Math.max(
    ...ENDS.map((end) => {
      const at = bytes.lastIndexOf(end);
      return at < 0 ? -1 : at + end.length;
    }),
  );
}
