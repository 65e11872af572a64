import { isSchema, keywordFault, KEYWORDS } from "../../schema/keywords.ts";

type Fields = Record<string, unknown>;

export interface PlainOptions {
  /** Whether what it says to people stays in it. */
  words: boolean;
}

/**
 * A schema of the 2020-12 draft as every provider takes it: without words whose values are none, without references to what is
 * not there, and with what older drafts say in other ways said in its own. `true` or `false` as it is.
 */
export function plainSchema(given: unknown, options: PlainOptions, root = given as Fields): unknown {
  if (typeof given === "boolean") return given;
  if (!isFields(given)) return undefined;
  const plain = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      const mended = toWord({ key, value, options, root });
      return mended === undefined ? [] : [[key, mended]];
    }),
  );
  const { type, items } = plain;
  const isList = type === "array" || (Array.isArray(type) && type.includes("array"));
  // Some refuse a list that does not say of what.
  return isList && items === undefined ? { ...plain, items: {} } : plain;
}

interface Word {
  key: string;
  value: unknown;
  options: PlainOptions;
  root: Fields;
}

// What only helps to read it; a name that is one of these is no word of it.
const SAID = new Set(["title", "description", "$comment", "examples", "default"]);
// Where it is, or how it is to be read: references are to places in it, and that is all.
const ELSEWHERE = new Set(["$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"]);

function toWord(word: Word): unknown {
  const { key, value, options, root } = word;
  if (ELSEWHERE.has(key)) return undefined;
  if (SAID.has(key)) return options.words ? said(key, value) : undefined;
  if (key === "$ref") return typeof value === "string" && leadsSomewhere(value, root) ? value : undefined;
  const kind = KEYWORDS.get(key);
  if (kind === undefined) return value;
  const mended = mend(word);
  return mended === undefined || keywordFault(kind, mended) !== undefined ? undefined : mended;
}

function said(key: string, value: unknown): unknown {
  if (key === "default") return value;
  return (key === "examples" ? Array.isArray(value) : typeof value === "string") ? value : undefined;
}

function mend({ key, value, options, root }: Word): unknown {
  const schema = (one: unknown) => plainSchema(one, options, root);
  switch (KEYWORDS.get(key)) {
    case "schemaMap": {
      if (!isFields(value)) return undefined;
      const all = Object.entries(value).map(([name, one]) => [name, schema(one)] as const);
      return Object.fromEntries(
        all.filter(([name, one]) => one !== undefined && (key !== "patternProperties" || isPattern(name))),
      );
    }
    case "schemas":
      return schemas(value, schema);
    case "items": {
      // One for each place, as older drafts say it.
      if (!Array.isArray(value)) return schema(value);
      const all = schemas(value, schema);
      return all && { anyOf: all };
    }
    case "schema":
      return schema(value);
    case "types":
      return toTypes(value);
    case "names":
      return Array.isArray(value) ? unique(value.filter((one) => typeof one === "string")) : undefined;
    case "list":
      return Array.isArray(value) && value.length > 0 ? unique(value) : undefined;
    case "pattern":
      return typeof value === "string" && isPattern(value) ? value : undefined;
    case "dependencies":
      // Said otherwise since; of no use to who writes a call.
      return undefined;
    default:
      return value;
  }
}

function schemas(value: unknown, schema: (one: unknown) => unknown): unknown[] | undefined {
  const all = Array.isArray(value) ? value.map(schema).filter((one) => one !== undefined) : [];
  return all.length > 0 ? all : undefined;
}

// As languages call them.
const TYPES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ...{ null: "null", boolean: "boolean", bool: "boolean", object: "object", dict: "object", array: "array" },
    ...{ list: "array", number: "number", float: "number", double: "number", integer: "integer", int: "integer" },
    ...{ string: "string", str: "string" },
  }),
);

function toTypes(value: unknown): unknown {
  if (!Array.isArray(value)) return TYPES.get(value);
  const known = unique(value.map((one) => TYPES.get(one)).filter((one) => one !== undefined));
  return known.length > 0 ? known : undefined;
}

function unique(values: unknown[]): unknown[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const text = JSON.stringify(value);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** Whether a reference is to a place of the schema that is one. */
function leadsSomewhere(reference: string, root: Fields): boolean {
  return isSchema(placeOf(reference, root));
}

/** What stands at "#/$defs/Name"; undefined where nothing does. */
export function placeOf(reference: string, root: Fields): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let place: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, name)) return undefined;
    place = (place as Fields)[name];
  }
  return place;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
