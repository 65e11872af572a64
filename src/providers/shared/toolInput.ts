/**
 * Arguments a model wrote: an object, JSON of one, or JSON of a text that is JSON of one, as some servers encode them
 * twice. What is no object comes as `{}` with the raw text.
 */
export function parseInput(given: unknown): { input: Record<string, unknown>; invalid?: string } {
  if (isObject(given)) return { input: given };
  if (given === undefined || given === null) return { input: {} };
  const json = typeof given === "string" ? given : JSON.stringify(given);
  if (json.trim() === "" || json.trim() === "null") return { input: {} };
  const once = parse(json);
  if (isObject(once)) return { input: once };
  const twice = typeof once === "string" ? parse(once) : undefined;
  return isObject(twice) ? { input: twice } : { input: {}, invalid: json };
}

/** Whether a piece of JSON is whole, so that another call may begin after it. */
export function isWholeInput(json: string): boolean {
  return isObject(parse(json));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Told to the caller: the model reads that its arguments were broken.
    return undefined;
  }
}
