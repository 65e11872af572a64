import type { jsonSchemaValidator } from "@modelcontextprotocol/client";

type Check = (value: unknown) => { valid: boolean; errorMessage?: string | undefined };

// A schema this large is the server's to check.
const MAX_SCHEMA = 50_000;

let loading: Promise<jsonSchemaValidator> | undefined;

/** Checks values against schemas that a server gave; patterns are left to the server, for one can keep a process busy for ever. */
export function schemaValidator(): Promise<jsonSchemaValidator> {
  return (loading ??= import("@modelcontextprotocol/client/validators/cf-worker").then(
    ({ CfWorkerJsonSchemaValidator }) => {
      const inner = new CfWorkerJsonSchemaValidator();
      return { getValidator: (schema) => inner.getValidator(withoutPatterns(schema) as typeof schema) };
    },
  ));
}

const checks = new WeakMap<object, Check | "unknown">();

/** What is wrong with arguments, in the validator's words; undefined when nothing is, or the schema cannot be understood. */
export async function argumentFault(schema: Record<string, unknown>, input: unknown): Promise<string | undefined> {
  let check = checks.get(schema);
  if (check === undefined) {
    check = await compile(schema);
    checks.set(schema, check);
  }
  if (check === "unknown") return undefined;
  try {
    const { valid, errorMessage } = check(input);
    return valid ? undefined : (errorMessage ?? "it does not fit the tool's schema");
  } catch {
    return undefined;
  }
}

async function compile(schema: Record<string, unknown>): Promise<Check | "unknown"> {
  try {
    if (JSON.stringify(schema).length > MAX_SCHEMA) return "unknown";
    return (await schemaValidator()).getValidator(schema) as Check;
  } catch {
    return "unknown";
  }
}

const PATTERNS = new Set(["pattern", "patternProperties", "format"]);

/** `properties` holds names, not words of the schema: a property may well be called "pattern". */
function withoutPatterns(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutPatterns(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isNames || !PATTERNS.has(key))
      .map(([key, item]) => [key, withoutPatterns(item, !isNames && NAMES.has(key))]),
  );
}

const NAMES = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);
