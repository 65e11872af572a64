import { placeOf } from "./plainSchema.ts";

type Fields = Record<string, unknown>;

// A schema may lead to itself, and branches to branches.
const MOST_BRANCHES = 200;

/**
 * The schema of an object with the members of all its branches as its own: no provider takes branches at the top. A member that
 * branches describe otherwise fits any of these. What every branch needs is needed.
 */
export function mergeBranches(schema: Fields): Fields {
  const merged = membersOf(schema, { root: schema, left: MOST_BRANCHES });
  if (merged.variants.size === 0) return schema;
  const properties = [...merged.variants].map(([name, variants]) => [
    name,
    variants.length === 1 ? variants[0] : { anyOf: variants },
  ]);
  return { ...schema, properties: Object.fromEntries(properties), required: [...merged.required] };
}

interface Members {
  /** How each is described, once each. */
  variants: Map<string, unknown[]>;
  required: Set<string>;
}

interface Reader {
  root: Fields;
  left: number;
}

function membersOf(schema: Fields, reader: Reader): Members {
  const own: Members = { variants: new Map(), required: new Set(namesIn(schema["required"])) };
  for (const [name, one] of Object.entries(fieldsOf(schema["properties"]) ?? {})) add(own, name, one);
  const read = (given: unknown): Members => {
    const branch = fieldsOf(given);
    reader.left -= 1;
    return branch && reader.left >= 0 ? membersOf(branch, reader) : { variants: new Map(), required: new Set() };
  };
  const { $ref } = schema;
  const aside = typeof $ref === "string" && $ref !== "#" ? [placeOf($ref, reader.root)] : [];
  for (const branch of [...aside, ...listOf(schema["allOf"])].map(read)) {
    take(own, branch);
    for (const name of branch.required) own.required.add(name);
  }
  for (const branches of [listOf(schema["anyOf"]), listOf(schema["oneOf"])].map((all) => all.map(read))) {
    for (const branch of branches) take(own, branch);
    for (const name of branches[0]?.required ?? [])
      if (branches.every(({ required }) => required.has(name))) own.required.add(name);
  }
  return own;
}

function take(own: Members, branch: Members): void {
  for (const [name, variants] of branch.variants) for (const one of variants) add(own, name, one);
}

function add({ variants }: Members, name: string, one: unknown): void {
  const known = variants.get(name) ?? [];
  if (!known.some((other) => JSON.stringify(other) === JSON.stringify(one))) variants.set(name, [...known, one]);
}

function namesIn(value: unknown): string[] {
  return listOf(value).filter((one) => typeof one === "string");
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
