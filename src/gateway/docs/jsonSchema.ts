import * as z from "zod";
import { answerShapes, inputShapes } from "./answerShapes.ts";
import { eventShapes, streamShapes } from "./eventShapes.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const COMPONENTS = "#/components/schemas/";

/** A schema as JSON Schema 2020-12; the named shapes in it are references into `components`. */
export function toJsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, $defs: __, ...json } = convert(schema, io);
  return relink(json) as JsonSchema;
}

const outputs: Record<string, z.ZodType> = { ...answerShapes, ...eventShapes, ...streamShapes };

/** The named shapes themselves. */
export function toComponents(): Record<string, JsonSchema> {
  const component = (name: string, schema: z.ZodType, io: "input" | "output") =>
    [name, relink(convert(schema, io).$defs![name])] as const;
  return Object.fromEntries([
    ...Object.entries(outputs).map(([name, schema]) => component(name, schema, "output")),
    ...Object.entries(inputShapes).map(([name, schema]) => component(name, schema, "input")),
  ]) as Record<string, JsonSchema>;
}

function convert(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  // A registry of its own, so that nothing is registered on import.
  const names = z.registry<{ id?: string; description?: string }>();
  for (const [id, named] of Object.entries({ ...outputs, ...inputShapes })) names.add(named, { id });
  return z.toJSONSchema(schema, {
    io,
    metadata: names,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const { description } = z.globalRegistry.get(zodSchema) ?? {};
      if (description !== undefined) jsonSchema.description ??= description;
    },
  }) as JsonSchema;
}

function relink(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relink);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string" ? item.replace("#/$defs/", COMPONENTS) : relink(item),
    ]),
  );
}
