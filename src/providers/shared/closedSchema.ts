/** A schema in what every API with an output schema of its own understands. */
export interface ClosedSchema {
  schema: Record<string, unknown>;
  /** No property may be left out, as OpenAI's strict mode wants it. */
  allRequired: boolean;
}

type Schema = Record<string, unknown>;

/**
 * The schema with what it says of shapes, and without the bounds that no API holds to: the reply is checked against all of
 * it anyway. Objects become closed, which fits the schema as well. Undefined where that cannot be said: objects with any
 * names, tuples, schemas that contain themselves.
 */
export function closedSchema(schema: Schema): ClosedSchema | undefined {
  if (schema.type !== "object" || schema.properties === undefined || schema.nullable === true) return undefined;
  const reader: Reader = { root: schema, within: new Set(), found: { allRequired: true, left: MOST_SCHEMAS } };
  try {
    const closed = close(reader, schema);
    return { schema: closed, allRequired: reader.found.allRequired };
  } catch (error) {
    if (error instanceof Unsaid) return undefined;
    throw error;
  }
}

/** That cannot be said to an API. */
class Unsaid extends Error {}

interface Reader {
  root: Schema;
  /** The references that lead to where it is. */
  within: Set<string>;
  /** `left`: how many schemas it may still come to, as references are written out. */
  found: { allRequired: boolean; left: number };
}

const MOST_SCHEMAS = 2000;

const UNSAYABLE = [
  ...["allOf", "prefixItems", "patternProperties", "unevaluatedItems"],
  // They may want names that a closed object forbids.
  ...["dependencies", "dependentSchemas", "dependentRequired", "if"],
];

const CHOICES = ["$ref", "anyOf", "oneOf"];
/** What holds of a value besides the choice that it stands with: said apart, each would be closed to the other's names. */
const BESIDE = [...CHOICES, "properties", "required", "items", "additionalProperties"];

function close(reader: Reader, given: unknown): Schema {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Unsaid();
  const schema = given as Schema;
  if ((reader.found.left -= 1) < 0) throw new Unsaid();
  if (UNSAYABLE.some((keyword) => keyword in schema)) throw new Unsaid();
  if (CHOICES.some((keyword) => keyword in schema) && BESIDE.filter((keyword) => keyword in schema).length > 1)
    throw new Unsaid();
  const words = typeof schema.description === "string" ? { description: schema.description } : {};
  if (schema.nullable === true)
    return { anyOf: [close(reader, { ...schema, nullable: false }), { type: "null" }], ...words };
  if (typeof schema.$ref === "string") return { ...followed(reader, schema.$ref), ...words };
  const choices = (schema.anyOf ?? schema.oneOf) as unknown[] | undefined;
  if (choices) return { anyOf: choices.map((one) => close(reader, one)), ...words };
  if ("const" in schema) return { ...valuesOf([schema.const]), ...words };
  if (Array.isArray(schema.enum)) return { ...valuesOf(schema.enum), ...words };
  if (Array.isArray(schema.type))
    return { anyOf: schema.type.map((type: unknown) => close(reader, { ...schema, type })), ...words };
  if (schema.type === "object") return { ...closeObject(reader, schema), ...words };
  if (schema.type === "array") return { type: "array", items: close(reader, schema.items), ...words };
  if (typeof schema.type !== "string") throw new Unsaid();
  return { type: schema.type, ...words };
}

function closeObject(reader: Reader, given: Schema): Schema {
  const { properties, required = [], additionalProperties, unevaluatedProperties } = given;
  if (typeof properties !== "object" || properties === null) throw new Unsaid();
  // Names that are needed and not described cannot be given in a closed object.
  const names = Object.keys(properties);
  const others = [additionalProperties, unevaluatedProperties];
  if (others.some((one) => typeof one === "object") || (required as string[]).some((name) => !names.includes(name)))
    throw new Unsaid();
  if (names.some((name) => !(required as string[]).includes(name))) reader.found.allRequired = false;
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, close(reader, one)])),
    required,
    additionalProperties: false,
  };
}

function valuesOf(values: unknown[]): Schema {
  const types = new Set(values.map((value) => (value === null ? "null" : typeof value)));
  const [type] = types;
  if (types.size !== 1 || type === "object" || type === undefined) throw new Unsaid();
  return { type, enum: values };
}

/** The schema that a reference names, in its place. */
function followed(reader: Reader, ref: string): Schema {
  if (reader.within.has(ref) || !/^#\/(?:\$defs|definitions)\/[^/%~]+$/.test(ref)) throw new Unsaid();
  const [, part, name] = ref.split("/") as [string, string, string];
  const all = reader.root[part] as Schema | undefined;
  const found = all && Object.hasOwn(all, name) ? all[name] : undefined;
  return close({ ...reader, within: new Set([...reader.within, ref]) }, found);
}

/** Nothing is said but that it is an object. */
export function isAnyObject(schema: Record<string, unknown>): boolean {
  return (
    schema.type === "object" && Object.keys(schema).every((keyword) => keyword === "type" || keyword === "$schema")
  );
}
