import { AppError } from "../base/appError.ts";
import { IN_PLACE, isObject, isSchema, keywordFault, KEYWORDS, REFUSED, schemasUnder } from "./keywords.ts";
import { type LinearPattern, linearPattern } from "./linearPattern.ts";

/** A JSON Schema as clients send it. */
export type JsonSchema = Record<string, unknown>;

/** A schema that was looked through and can be held against values. */
export interface ReadSchema {
  root: JsonSchema | boolean;
  /** What each `$ref` in it means. */
  refs: ReadonlyMap<string, JsonSchema | boolean>;
  patterns: ReadonlyMap<string, LinearPattern>;
  /** Which members were looked at matters somewhere in it. */
  tracks: boolean;
}

/** What of a value is not as its schema has it. */
export interface SchemaFault {
  /** "items.2.name"; "" is the whole value. */
  path: string;
  message: string;
}

const MOST_CHARS = 64_000;
const MOST_DEPTH = 40;
// Schemas that one value may be held against, before anything of what is in it.
const MOST_IN_PLACE = 1000;

/** `bad_request` for what is no schema of the 2020-12 draft (or an older one of the same meaning), or costs too much to check. */
export function readSchema(schema: unknown, path = "outputSchema"): ReadSchema {
  const chars = isObject(schema) ? JSON.stringify(schema).length : 0;
  if (!isObject(schema)) fail(path, "", "Expected a JSON Schema: an object");
  if (chars > MOST_CHARS) fail(path, "", `The schema has ${chars} characters; ${MOST_CHARS} are the limit`);
  const found: Found = { path, root: schema, places: new Map(), refs: new Map(), patterns: new Map(), tracks: false };
  lookThrough(found, schema, "", 0);
  for (const ref of found.refs.keys()) found.refs.set(ref, target(found, ref));
  checkInPlace(found);
  return { root: schema, refs: found.refs as ReadSchema["refs"], patterns: found.patterns, tracks: found.tracks };
}

interface Found {
  path: string;
  root: JsonSchema;
  /** Every schema in it, with where it stands. */
  places: Map<JsonSchema | boolean, string>;
  refs: Map<string, JsonSchema | boolean | undefined>;
  patterns: Map<string, LinearPattern>;
  tracks: boolean;
}

function fail(path: string, place: string, message: string): never {
  const where = place === "" ? path : `${path}${place.slice(0, 300)}`;
  throw new AppError("bad_request", `${where}: ${message}`, {
    details: [{ path, message: `${place} ${message}`.trim() }],
  });
}

function lookThrough(found: Found, schema: JsonSchema | boolean, place: string, depth: number): void {
  if (depth > MOST_DEPTH) fail(found.path, place, `The schema is nested more than ${MOST_DEPTH} deep`);
  if (typeof schema === "boolean") return;
  found.places.set(schema, place);
  for (const [keyword, why] of Object.entries(REFUSED))
    if (Object.hasOwn(schema, keyword)) fail(found.path, place, `${keyword} is not taken: it ${why}`);
  if (Object.hasOwn(schema, "$id") && place !== "") fail(found.path, place, "$id is taken at the top only");
  if (typeof schema.$ref === "string") found.refs.set(schema.$ref, undefined);
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = KEYWORDS.get(keyword);
    if (!kind) continue;
    const at = `${place}/${keyword}`;
    const expected = keywordFault(kind, value);
    if (expected) fail(found.path, at, `Expected ${expected}`);
    found.tracks ||= keyword.startsWith("unevaluated");
    if (kind === "pattern") keepPattern(found, value as string, at);
    for (const [below, one] of schemasUnder(kind, value)) {
      if (keyword === "patternProperties") keepPattern(found, unescaped(below.slice(1)), at);
      lookThrough(found, one, at + below, depth + 1);
    }
  }
}

function keepPattern({ path, patterns }: Found, source: string, place: string): void {
  try {
    patterns.set(source, linearPattern(source));
  } catch (error) {
    fail(path, place, `The pattern ${JSON.stringify(source.slice(0, 80))} is not taken: ${(error as Error).message}`);
  }
}

const unescaped = (name: string): string => name.replaceAll("~1", "/").replaceAll("~0", "~");

/** The schema that a reference within the document names. */
function target({ path, root, places }: Found, ref: string): JsonSchema | boolean {
  const own = typeof root.$id === "string" && root.$id !== "" && ref.startsWith(`${root.$id.replace(/#$/, "")}#`);
  const fragment = own ? ref.slice(ref.indexOf("#")) : ref;
  if (!fragment.startsWith("#"))
    fail(path, "", `$ref ${JSON.stringify(ref.slice(0, 100))} leads out of the schema: only "#..." is followed`);
  const name = decoded(fragment.slice(1));
  if (name === "") return root;
  const found = name?.startsWith("/") ? atPointer(root, name) : anchored(places, name);
  if (!isSchema(found) || (isObject(found) && !places.has(found)))
    fail(path, "", `$ref ${JSON.stringify(ref.slice(0, 100))} names no schema`);
  return found;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function atPointer(root: JsonSchema, pointer: string): unknown {
  let at: unknown = root;
  for (const step of pointer.slice(1).split("/").map(unescaped)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

function anchored(places: Found["places"], name: string | undefined): unknown {
  return [...places.keys()].find((schema) => isObject(schema) && schema.$anchor === name && name !== undefined);
}

/** Refuses what would be held against one value without end, or too many times. */
function checkInPlace({ path, places, refs }: Found): void {
  const costs = new Map<JsonSchema, number>();
  const costOf = (schema: JsonSchema | boolean, above: Set<JsonSchema>): number => {
    if (typeof schema === "boolean") return 1;
    const known = costs.get(schema);
    if (known !== undefined) return known;
    const place = places.get(schema) ?? "";
    if (above.has(schema)) fail(path, place, "The schema refers to itself without going into the value");
    above.add(schema);
    let cost = 1;
    for (const below of inPlace(schema, refs)) cost += costOf(below, above);
    above.delete(schema);
    if (cost > MOST_IN_PLACE) fail(path, place, `More than ${MOST_IN_PLACE} schemas are about one value`);
    costs.set(schema, cost);
    return cost;
  };
  for (const schema of places.keys()) costOf(schema, new Set());
}

function inPlace(schema: JsonSchema, refs: Found["refs"]): (JsonSchema | boolean)[] {
  const below = Object.entries(schema).flatMap(([keyword, value]) =>
    IN_PLACE.has(keyword) ? schemasUnder(KEYWORDS.get(keyword)!, value).map(([, one]) => one) : [],
  );
  return typeof schema.$ref === "string" ? [...below, refs.get(schema.$ref)!] : below;
}
