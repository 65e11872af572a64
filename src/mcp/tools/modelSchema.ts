import { visible } from "../../base/text/visible.ts";

type Fields = Record<string, unknown>;

const MAX_SCHEMA = 20_000;
const KEPT = ["properties", "required", "additionalProperties", "$defs", "definitions"];

/**
 * A tool's schema for models: an object's, of the words that every provider knows at its top, and nothing in it for which a
 * provider would refuse the whole request. Invisible characters are made visible.
 */
export function toModelSchema(given: Fields): Fields {
  const kept = KEPT.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]] as const]));
  const text = JSON.stringify(Object.fromEntries(kept), (_key, value: unknown) => {
    if (typeof value === "string") return visible(value);
    if (!isFields(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([key]) => key === visible(key) && key !== "$schema"));
  });
  if (text.length > MAX_SCHEMA) return { type: "object", properties: {} };
  const whole = JSON.parse(text) as Fields;
  const { properties, required, ...rest } = toSchema(whole, whole) as Fields;
  const fitting = isFields(properties)
    ? Object.fromEntries(Object.entries(properties).filter(([key]) => /^[\w.-]{1,64}$/.test(key)))
    : {};
  const needed = Array.isArray(required) ? required.filter((key) => Object.hasOwn(fitting, String(key))) : [];
  return { type: "object", properties: fitting, ...(needed.length > 0 ? { required: needed } : {}), ...rest };
}

// What holds schemas: by names, in a list, or one alone.
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const LISTED = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const SINGLE = new Set([
  ...["additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames"],
  ...["unevaluatedItems", "unevaluatedProperties", "additionalItems"],
]);

/** A schema without what is none within it, and without references to what is not there; undefined where it is none itself. */
function toSchema(given: unknown, root: Fields): unknown {
  if (typeof given === "boolean") return given;
  if (!isFields(given)) return undefined;
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      const mended = mendWord(key, value, root);
      return mended === undefined ? [] : [[key, mended]];
    }),
  );
}

function mendWord(key: string, value: unknown, root: Fields): unknown {
  if (key === "$ref") return typeof value === "string" && leadsSomewhere(value, root) ? value : undefined;
  if (NAMED.has(key)) {
    if (!isFields(value)) return undefined;
    const all = Object.entries(value).map(([name, one]) => [name, toSchema(one, root)] as const);
    return Object.fromEntries(all.filter(([, one]) => one !== undefined));
  }
  if (LISTED.has(key)) {
    const all = Array.isArray(value) ? value.map((one) => toSchema(one, root)).filter((one) => one !== undefined) : [];
    return all.length > 0 ? all : undefined;
  }
  if (key === "items" && Array.isArray(value)) return value.map((one) => toSchema(one, root) ?? {});
  return SINGLE.has(key) ? toSchema(value, root) : value;
}

/** Whether a reference is to a place of the schema that is one. */
function leadsSomewhere(reference: string, root: Fields): boolean {
  if (reference === "#") return true;
  if (!reference.startsWith("#/")) return false;
  let place: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, name)) return false;
    place = (place as Fields)[name];
  }
  return typeof place === "boolean" || isFields(place);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
