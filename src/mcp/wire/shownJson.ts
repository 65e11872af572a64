/** A value of a server as JSON; what is nested deeper than JSON can be written is told of. */
export function shownJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "[a value nested too deep: not shown]";
  }
}
