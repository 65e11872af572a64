import { schemaFaults } from "../../schema/matchSchema.ts";
import { type ReadSchema, readSchema } from "../../schema/readSchema.ts";

const read = new WeakMap<object, ReadSchema | "unknown">();

/** What is wrong with arguments; undefined when nothing is, or the schema is one that only the server itself can check. */
export function argumentFault(schema: Record<string, unknown>, input: unknown): string | undefined {
  const known = read.get(schema) ?? readOrLeave(schema);
  read.set(schema, known);
  if (known === "unknown") return undefined;
  const faults = schemaFaults(known, input);
  return faults.length === 0
    ? undefined
    : faults.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

function readOrLeave(schema: Record<string, unknown>): ReadSchema | "unknown" {
  try {
    return readSchema(schema);
  } catch {
    return "unknown";
  }
}
