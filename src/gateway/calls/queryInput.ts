import * as z from "zod";
import { parseQuery } from "./target.ts";

type Kind = "number" | "boolean" | "list" | "text";

/**
 * Reads the query of a GET route into what its schema expects: numbers and booleans from their text, lists from
 * repeated keys or commas. What does not fit stays as it is, for the schema to complain about.
 */
export function readQueryInput(schema: z.ZodType, query: string): Record<string, unknown> {
  const kinds = kindsOf(schema);
  const values = new Map<string, string[]>();
  for (const [name, value] of parseQuery(query)) {
    // "kinds[]" is how some clients repeat a key.
    const key = name.endsWith("[]") ? name.slice(0, -2) : name;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  // From entries, so that no name reaches a prototype.
  return Object.fromEntries([...values].map(([name, texts]) => [name, toValue(kinds.get(name), texts)]));
}

/** Splits lists that a JSON body gives as text with commas. */
export function splitLists(schema: z.ZodType, input: Record<string, unknown>): Record<string, unknown> {
  const kinds = kindsOf(schema);
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      kinds.get(name) === "list" && typeof value === "string" ? split(value) : value,
    ]),
  );
}

function toValue(kind: Kind | undefined, texts: string[]): unknown {
  if (kind === "list") return texts.flatMap(split);
  if (texts.length > 1) return texts;
  const text = texts[0]!;
  if (kind === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === "boolean" && /^(true|1)$/i.test(text)) return true;
  if (kind === "boolean" && /^(false|0)$/i.test(text)) return false;
  return text;
}

function split(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

const known = new WeakMap<z.ZodType, Map<string, Kind>>();

function kindsOf(schema: z.ZodType): Map<string, Kind> {
  let kinds = known.get(schema);
  if (!kinds) {
    const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    kinds = new Map(Object.entries(properties).map(([name, property]) => [name, toKind(property)]));
    known.set(schema, kinds);
  }
  return kinds;
}

function toKind(property: z.core.JSONSchema._JSONSchema): Kind {
  const type = typeof property === "object" ? property.type : undefined;
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "boolean";
  return type === "array" ? "list" : "text";
}
