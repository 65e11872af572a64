import type * as z from "zod";

/**
 * What a model wrote as the schema takes it. Where it does not fit, what is plainly meant is taken: null for a field that is
 * left out, "5" for 5, "true" for true, 5 for a text, and JSON in a text for the list or mapping that it stands for.
 */
export function fitInput<S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> {
  let given = value;
  // What was within a text is only looked at once it is out of it.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = schema.safeParse(given);
    if (result.success) return result;
    const fitted = structuredClone(given);
    const changes = result.error.issues.filter((issue) => fitAt(fitted, issue.path, expectedOf(issue)));
    if (changes.length === 0) return result;
    given = fitted;
  }
  return schema.safeParse(given);
}

const MOST_ROUNDS = 4;

type Issue = z.core.$ZodIssue;

/** The type that was expected; "" where it is one of several, or another rule was broken. */
function expectedOf(issue: Issue): string | undefined {
  if (issue.code === "invalid_type") return issue.expected;
  return issue.code === "invalid_union" || issue.code === "invalid_value" ? "" : undefined;
}

/** Changes what stands at a path, in place; false where nothing is plainly meant. */
function fitAt(root: unknown, path: PropertyKey[], expected: string | undefined): boolean {
  const key = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((value, part) => (value as Fields | undefined)?.[part], root);
  if (key === undefined || expected === undefined || typeof holder !== "object" || holder === null) return false;
  const fields = holder as Fields;
  if (fields[key] === null && !Array.isArray(holder)) return delete fields[key];
  const meant = meantBy(fields[key], expected);
  if (meant === undefined) return false;
  fields[key] = meant;
  return true;
}

type Fields = Record<PropertyKey, unknown>;

function meantBy(value: unknown, expected: string): unknown {
  if (expected === "string") return isPlain(value) ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (expected === "number" || expected === "int") return NUMBER.test(text) ? Number(text) : undefined;
  if (expected === "boolean") return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;
  if (expected === "array") return fromJson(text, Array.isArray);
  const isMapping = (found: unknown) => typeof found === "object" && found !== null && !Array.isArray(found);
  return expected === "object" || expected === "record" ? fromJson(text, isMapping) : undefined;
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

const isPlain = (value: unknown): boolean => typeof value === "boolean" || Number.isFinite(value);

function fromJson(text: string, fits: (found: unknown) => boolean): unknown {
  try {
    const found: unknown = JSON.parse(text);
    return fits(found) ? found : undefined;
  } catch {
    // The schema's own words then say what was expected.
    return undefined;
  }
}
