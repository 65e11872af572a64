import { defined } from "../../base/defined.ts";
import { newSteps, schemaFaults } from "../../schema/matchSchema.ts";
import { type ReadSchema, readSchema, type SchemaFault } from "../../schema/readSchema.ts";

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
  const known = readOnce(schema);
  if (known === "unknown") return { input: given };
  const steps = newSteps();
  const faultsOf = (input: unknown) => schemaFaults(known, input, steps);
  const faults = faultsOf(given);
  const nothing = faults.length === 0 ? [] : Object.keys(given).filter((name) => given[name] === null);
  const absent = nothing.length === 0 ? [] : faultsOf({}).map(lineOf);
  const needed = Array.isArray(schema["required"]) ? schema["required"] : [];
  const found = nothing
    .slice(0, MOST_NULLS)
    .filter((name) => !needed.includes(name))
    .map((name) => ({ name, own: faultsOf({ [name]: null }).filter((fault) => !absent.includes(lineOf(fault))) }))
    .filter(({ own }) => own.length > 0);
  const left = new Set(found.map(({ name }) => name));
  let rest = Object.fromEntries(Object.entries(given).filter(([name]) => !left.has(name)));
  // What is long is looked at whole a second time, and is not too long for that.
  let more = left.size === 0 ? faults : schemaFaults(known, rest);
  for (const { name, own } of found) {
    if (own.some(({ path }) => path === name || path.startsWith(`${name}.`))) continue;
    // By itself it lacked others that a null of it asks for, and that may be there.
    const whole = { ...rest, [name]: null };
    const faultsSo = faultsOf(whole);
    if (steps.left >= 0 && faultsSo.length <= more.length) [rest, more] = [whole, faultsSo];
  }
  const isBetter = more.length < faults.length;
  const fault = toWords(isBetter ? more : faults);
  return { input: isBetter ? rest : given, ...defined({ fault }) };
}

/** What is wrong with arguments; undefined when nothing is, or the schema is one that only the server itself can check. */
export function argumentFault(schema: Record<string, unknown>, input: unknown): string | undefined {
  const known = readOnce(schema);
  if (known === "unknown") return undefined;
  return toWords(schemaFaults(known, input));
}

function toWords(faults: SchemaFault[]): string | undefined {
  return faults.length === 0 ? undefined : faults.map(lineOf).join("; ");
}

function lineOf({ path, message }: SchemaFault): string {
  return path === "" ? message : `${path}: ${message}`;
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
