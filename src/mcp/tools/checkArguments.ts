import { schemaFaults } from "../../schema/matchSchema.ts";
import { type ReadSchema, readSchema } from "../../schema/readSchema.ts";

// Each is held against the schema by itself.
const MOST_NULLS = 50;

const read = new WeakMap<object, ReadSchema | "unknown">();

/**
 * The arguments as they are given, or what is wrong with them. A null for what need not be given, where null is no value of it,
 * is left out: models write it so.
 */
export function fitArguments(
  schema: Record<string, unknown>,
  given: Record<string, unknown>,
): { input: Record<string, unknown>; fault?: string } {
  let input = given;
  const nothing = Object.entries(given).filter(([, value]) => value === null);
  for (const [name] of nothing.slice(0, MOST_NULLS)) {
    const { [name]: _, ...rest } = input;
    if (faultsOf(schema, rest) < faultsOf(schema, input)) input = rest;
  }
  const fault = argumentFault(schema, input);
  return fault === undefined ? { input } : { input, fault };
}

function faultsOf(schema: Record<string, unknown>, input: unknown): number {
  const known = readOnce(schema);
  return known === "unknown" ? 0 : schemaFaults(known, input).length;
}

/** What is wrong with arguments; undefined when nothing is, or the schema is one that only the server itself can check. */
export function argumentFault(schema: Record<string, unknown>, input: unknown): string | undefined {
  const known = readOnce(schema);
  if (known === "unknown") return undefined;
  const faults = schemaFaults(known, input);
  return faults.length === 0
    ? undefined
    : faults.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

function readOnce(schema: Record<string, unknown>): ReadSchema | "unknown" {
  const known = read.get(schema) ?? readOrLeave(schema);
  read.set(schema, known);
  return known;
}

function readOrLeave(schema: Record<string, unknown>): ReadSchema | "unknown" {
  try {
    return readSchema(schema);
  } catch {
    return "unknown";
  }
}
