/** A JSON text that was read, or what is wrong with it. */
export type ReadJson = { value: unknown } | JsonFault;

export interface JsonFault {
  fault: string;
  /** It is JSON by the letter, and all the same nothing to go on with. */
  isJson: boolean;
}

export const MOST_DEPTH = 64;
const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\[^][^"\\]*)*"|[^\s{}[\],:"]+/g;

/** Reads one JSON value and nothing around it. A key that is there twice is a fault, as are numbers that no number can hold. */
export function readJson(text: string): ReadJson {
  const fault = structureFault(text);
  try {
    const value: unknown = JSON.parse(text);
    return fault === undefined ? { value } : { fault, isJson: true };
  } catch (error) {
    return { fault: fault ?? `it is not valid JSON: ${(error as Error).message}`, isJson: false };
  }
}

/** What the parser of the language passes over: depth, keys that come twice, numbers beyond all bounds. */
function structureFault(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  let isKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > MOST_DEPTH) return `it is nested more than ${MOST_DEPTH} deep`;
    } else if (token === "}" || token === "]") open.pop();
    else if (token[0] === '"' && isKey) {
      const keys = open.at(-1);
      const key = unquoted(token);
      if (keys?.has(key)) return `the key ${JSON.stringify(key.slice(0, 100))} is there twice in one object`;
      keys?.add(key);
    } else if (/^-?\d/.test(token) && !Number.isFinite(Number(token)) && /^-?\d[\d.eE+-]*$/.test(token))
      return `the number ${token.slice(0, 40)} is too large`;
    last = token;
    isKey = (last === "{" || last === ",") && open.at(-1) !== undefined;
  }
  return undefined;
}

function unquoted(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    // The parser of the whole says what is wrong with it.
    return token;
  }
}
