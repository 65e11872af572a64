import { defined } from "../base/defined.ts";
import * as z from "zod";
import { configSchema } from "./configSchema.ts";

type Json = Record<string, unknown>;

/** JSON Schema (draft-07) of openclaw.yml, for completion and hover texts in editors. */
export function toJsonSchema(): Json {
  const schema = z.toJSONSchema(configSchema, {
    target: "draft-07",
    io: "input",
    override: ({ jsonSchema }) => tidy(jsonSchema as Json),
  });
  return { ...allowReferences(schema as Json), title: "Pincer configuration (openclaw.yml)" };
}

// The default of a section is that of its keys.
function tidy(schema: Json): void {
  if (schema.type === "object") delete schema.default;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

const REFERENCE = { type: "string", pattern: "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" };

/** Lets `${NAME}` stand wherever a number, a boolean, a choice or a formatted text is asked for. */
function allowReferences(schema: Json): Json {
  const isBound =
    ["number", "integer", "boolean"].includes(schema.type as string) || "format" in schema || "enum" in schema;
  if (isBound) {
    const { description, default: preset, ...rest } = schema;
    return {
      ...defined({ description: description || undefined, default: preset }),
      anyOf: [rest, REFERENCE],
    };
  }
  const copy = { ...schema };
  if (isJson(schema.properties)) copy.properties = mapValues(schema.properties);
  if (isJson(schema.additionalProperties)) copy.additionalProperties = allowReferences(schema.additionalProperties);
  if (isJson(schema.items)) copy.items = allowReferences(schema.items);
  for (const key of ["anyOf", "oneOf"]) {
    if (Array.isArray(schema[key])) copy[key] = (schema[key] as Json[]).map(allowReferences);
  }
  return copy;
}

function mapValues(properties: Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, allowReferences(value as Json)]));
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
