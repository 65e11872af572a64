import { quotedLine } from "../../base/text/visible.ts";
import { placeOf, plainSchema } from "../tools/plainSchema.ts";

type Fields = Record<string, unknown>;

const MOST_FIELDS = 50;
// References lead to references, and choices hold choices.
const MOST_DEPTH = 10;

/**
 * The form that a server asks for, of plain fields alone: what is said in roundabout ways, as libraries do that make schemas
 * of types, is said plainly, and what has to be given is there. A text where it cannot be a form: why not.
 */
export function toForm(given: unknown): Fields | string {
  const whole = fieldsOf(plainSchema(given ?? {}, { words: true })) ?? {};
  const described = Object.entries(fieldsOf(whole["properties"]) ?? {});
  const required = (whole["required"] ?? []) as string[];
  if (required.length > MOST_FIELDS)
    return `it wants ${required.length} things at once; ${MOST_FIELDS} can be asked for`;
  const names = new Set(described.map(([name]) => name));
  const ghosts = required.filter((name) => !names.has(name)).map((name): [string, unknown] => [name, {}]);
  let left = MOST_FIELDS - required.length;
  const kept = [...described, ...ghosts].filter(([name]) => required.includes(name) || (left -= 1) >= 0);
  const fields = kept.map(([name, one]) => [name, toField(fieldsOf(one) ?? {}, whole, 0)] as const);
  const odd = fields.find(([, field]) => typeof field === "string");
  if (odd) return `${quotedLine(odd[0])} is ${odd[1] as string}, and no field of a form`;
  return { type: "object", properties: Object.fromEntries(fields), ...(required.length > 0 ? { required } : {}) };
}

/** A field, or what it is in place of one. */
function toField(given: Fields, root: Fields, depth: number): Fields | string {
  const { $ref, anyOf, oneOf, allOf, type, ...own } = given;
  const behind = typeof $ref === "string" ? [placeOf($ref, root)] : ((allOf ?? []) as unknown[]);
  if (behind.length > 1 || depth > MOST_DEPTH) return "put together of several";
  const only = fieldsOf(behind[0]);
  if (only) return toField({ ...only, ...own, ...dropUndefined({ anyOf, oneOf, type }) }, root, depth + 1);
  const ways = ((anyOf ?? oneOf ?? []) as unknown[]).map((one) => fieldsOf(one) ?? {});
  // It may be left out: that is said by what is required.
  const real = ways.filter((one) => one["type"] !== "null");
  if (real.length === 1) return toField({ ...real[0], ...own, ...dropUndefined({ type }) }, root, depth + 1);
  const isChoice = real.length > 0 && real.every((one) => one["const"] !== undefined);
  if (real.length > 1 && !isChoice) return "of several kinds";
  return withDefault(shaped({ ...own, ...(isChoice ? { oneOf: real } : {}), type: typeOf(type, own) }));
}

function shaped(field: Fields): Fields | string {
  const { type, items, ...own } = field;
  if (type === "object") return "an object";
  if (type !== "array") return type === undefined ? { ...own, type: "string" } : field;
  const { enum: values, anyOf, oneOf } = fieldsOf(items) ?? {};
  return [values, anyOf, oneOf].some(Array.isArray) ? field : "a list of anything";
}

/** Of several types that of a value that is there. */
function typeOf(type: unknown, { enum: values, const: only }: Fields): unknown {
  const types = (Array.isArray(type) ? (type as unknown[]) : [type]).filter((one) => one !== "null");
  if (types[0] !== undefined) return types[0];
  const [value] = Array.isArray(values) ? (values as unknown[]) : [only];
  return typeof value === "number" || typeof value === "boolean" ? typeof value : undefined;
}

const IS = new Map<unknown, (value: unknown) => boolean>([
  ["array", Array.isArray],
  ["boolean", (value) => typeof value === "boolean"],
  ["integer", Number.isInteger],
  ["number", (value) => typeof value === "number"],
  ["string", (value) => typeof value === "string"],
]);

/** A default that is none would be sent for a field that was left out. */
function withDefault(field: Fields | string): Fields | string {
  if (typeof field === "string") return field;
  const { default: value, ...own } = field;
  return IS.get(own["type"])?.(value) === true ? field : own;
}

function dropUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
