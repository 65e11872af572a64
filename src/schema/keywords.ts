/** The keywords that are understood, by what they take. Others say nothing of a value and are passed over, as the standard has it. */
const BY_KIND = {
  schema: [
    "additionalItems",
    "contains",
    "unevaluatedItems",
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
  ],
  schemas: ["prefixItems", "allOf", "anyOf", "oneOf"],
  schemaMap: ["$defs", "definitions", "properties", "patternProperties", "dependentSchemas"],
  items: ["items"],
  dependencies: ["dependencies"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  positive: ["multipleOf"],
  count: [
    "minLength",
    "maxLength",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
  ],
  text: ["$ref", "format"],
  pattern: ["pattern"],
  flag: ["uniqueItems"],
  names: ["required"],
  nameMap: ["dependentRequired"],
  types: ["type"],
  list: ["enum"],
  any: ["const"],
};

/** What a keyword of JSON Schema takes. */
export type KeywordKind = keyof typeof BY_KIND;

export const KEYWORDS: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries(BY_KIND).flatMap(([kind, names]) => names.map((name) => [name, kind as KeywordKind])),
);

/** Keywords whose schemas are held against the same value, so that going through them goes no deeper into it. */
export const IN_PLACE = new Set([
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "dependencies",
]);

export const REFUSED: Record<string, string> = {
  $dynamicRef: "points to another place by each reader",
  $recursiveRef: "points to another place by each reader",
  $dynamicAnchor: "is for references that are not followed here",
  $recursiveAnchor: "is for references that are not followed here",
};

const TYPES = ["null", "boolean", "object", "array", "number", "integer", "string"];

type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isSchema = (value: unknown): value is JsonObject | boolean =>
  typeof value === "boolean" || isObject(value);

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

/** What a keyword of this kind expects, where the value is not that. */
export function keywordFault(kind: KeywordKind, value: unknown): string | undefined {
  const [expected, isRight] = CHECKS[kind];
  return isRight(value) ? undefined : expected;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

const CHECKS: Record<KeywordKind, [string, (value: unknown) => boolean]> = {
  schema: ["a schema", isSchema],
  schemas: ["a list of schemas", (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema)],
  schemaMap: ["schemas by name", (value) => isObject(value) && Object.values(value).every(isSchema)],
  items: ["a schema", (value) => isSchema(value) || (Array.isArray(value) && value.every(isSchema))],
  dependencies: [
    "schemas or lists of names, by name",
    (value) => isObject(value) && Object.values(value).every((one) => isSchema(one) || isNames(one)),
  ],
  number: ["a number", isNumber],
  positive: ["a number above 0", (value) => isNumber(value) && value > 0],
  count: ["a whole number from 0 on", (value) => isNumber(value) && Number.isInteger(value) && value >= 0],
  text: ["a text", (value) => typeof value === "string"],
  pattern: ["a text", (value) => typeof value === "string"],
  flag: ["true or false", (value) => typeof value === "boolean"],
  names: ["a list of names", isNames],
  nameMap: ["lists of names, by name", (value) => isObject(value) && Object.values(value).every(isNames)],
  types: [
    `one or more of ${TYPES.join(", ")}`,
    (value) => TYPES.includes(value as string) || (isNames(value) && value.length > 0 && value.every(isType)),
  ],
  list: ["a list", Array.isArray],
  any: ["any value", () => true],
};

function isType(name: string): boolean {
  return TYPES.includes(name);
}

/** The schemas that stand under a keyword, each with its place below it. */
export function schemasUnder(kind: KeywordKind, value: unknown): [string, JsonObject | boolean][] {
  if (kind === "schema") return [["", value as JsonObject | boolean]];
  if (kind === "items" && isSchema(value)) return [["", value]];
  if (kind === "schemas" || kind === "items")
    return (value as (JsonObject | boolean)[]).map((one, at) => [`/${at}`, one]);
  if (kind !== "schemaMap" && kind !== "dependencies") return [];
  return Object.entries(value as JsonObject).flatMap(([name, one]) =>
    isSchema(one) ? [[`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, one]] : [],
  );
}
