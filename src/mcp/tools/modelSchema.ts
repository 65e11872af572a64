import { visible } from "../../base/text/visible.ts";
import { mergeBranches } from "./mergeBranches.ts";
import { plainSchema } from "./plainSchema.ts";

type Fields = Record<string, unknown>;

const MAX_SCHEMA = 20_000;
// What is longer is not gone through for what could be kept of it.
const LONGEST = 1024 * 1024;
const KEPT = ["properties", "required", "additionalProperties", "$defs", "definitions"];
const PROPERTY_NAME = /^[\w.-]{1,64}$/;

/**
 * A tool's schema for models: an object's, of the words that every provider knows at its top, and nothing in it for which a
 * provider would refuse the whole request. Invisible characters are made visible. What is too long keeps its names and types.
 */
export function toModelSchema(given: Fields): Fields {
  const text = JSON.stringify(given, (_key, value: unknown) => {
    if (typeof value === "string") return visible(value);
    if (!isFields(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([key]) => key === visible(key)));
  });
  const whole = JSON.parse(text) as Fields;
  const shapes = text.length > LONGEST ? [namesAlone] : [(one: Fields) => toObject(one), withoutWords, namesAlone];
  for (const shape of shapes) {
    const schema = shape(whole);
    if (JSON.stringify(schema).length <= MAX_SCHEMA) return schema;
  }
  return { type: "object", properties: {} };
}

function toObject(whole: Fields, words = true): Fields {
  const plain = plainSchema(mergeBranches(whole), { words }) as Fields;
  const kept = KEPT.flatMap((key) => (plain[key] === undefined ? [] : [[key, plain[key]] as const]));
  const { properties, required, ...rest } = Object.fromEntries(kept) as Fields;
  const fitting = isFields(properties) ? Object.entries(properties).filter(([key]) => PROPERTY_NAME.test(key)) : [];
  const names = new Set(fitting.map(([key]) => key));
  // What has to be given is told, described or not.
  const needed = ((required ?? []) as string[]).filter((key) => PROPERTY_NAME.test(key));
  const undescribed = needed.filter((key) => !names.has(key)).map((key) => [key, {}]);
  return {
    type: "object",
    properties: Object.fromEntries([...fitting, ...undescribed]),
    ...(needed.length > 0 ? { required: needed } : {}),
    ...rest,
  };
}

function withoutWords(whole: Fields): Fields {
  return toObject(whole, false);
}

/** What its members are called and of which types they are. */
function namesAlone(whole: Fields): Fields {
  const { properties, required } = whole;
  const members = isFields(properties) ? Object.entries(properties) : [];
  const typed = members.map(([key, one]) => [key, isFields(one) ? { type: one["type"] } : {}]);
  return toObject({ properties: Object.fromEntries(typed), required }, false);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
