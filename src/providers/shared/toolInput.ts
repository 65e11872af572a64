/**
 * Arguments a model wrote: an object, JSON of one, or JSON of a text that is JSON of one, as some servers encode them
 * twice. A fence around it, a list of just one, and line breaks within its texts are understood. What is no object, or one
 * that is nested deeper than any tool takes, comes as `{}` with the raw text, or what is wrong with it.
 */
export function parseInput(given: unknown): { input: Record<string, unknown>; invalid?: string } {
  if (isTooDeep(given)) return { input: {}, invalid: TOO_DEEP };
  if (isObject(given)) return { input: given };
  if (given === undefined || given === null) return { input: {} };
  const json = typeof given === "string" ? given : JSON.stringify(given);
  if (json.trim() === "" || json.trim() === "null") return { input: {} };
  const bare = json.replace(/^\s*```\w*\s([^]*?)```\s*$/, "$1");
  const once = parse(bare) ?? parse(withoutBreaks(bare));
  const twice = typeof once === "string" ? parse(once) : once;
  if (isTooDeep(twice)) return { input: {}, invalid: TOO_DEEP };
  const found: unknown = Array.isArray(twice) && twice.length === 1 ? twice[0] : twice;
  return isObject(found) ? { input: found } : { input: {}, invalid: json };
}

/** Whether a piece of JSON is whole, so that another call may begin after it. */
export function isWholeInput(json: string): boolean {
  return isObject(parse(json));
}

/** Controls within the texts of a JSON, as small models write them, in the one form that JSON has for them. */
function withoutBreaks(json: string): string {
  const parts: string[] = [];
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (json[at] === "\\") parts.push(json.slice(at, (at += 1) + 1));
    else if (isText && code < 0x20) parts.push(`\\u${code.toString(16).padStart(4, "0")}`);
    else parts.push(json[at]!);
    if (json[at] === '"' && parts.at(-1) === '"') isText = !isText;
  }
  return parts.join("");
}

// What goes through all of a value goes one call deeper for each level of it, and a stack has an end.
const MAX_DEPTH = 100;
const TOO_DEEP = `"nested more than ${MAX_DEPTH} deep"`;

function isTooDeep(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((one) => isTooDeep(one, left - 1));
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
