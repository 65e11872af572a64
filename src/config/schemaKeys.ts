import * as z from "zod";
import type { Path } from "./configProblem.ts";
import { configSchema } from "./configSchema.ts";

/** The keys that the mapping at this path of `root`, an openclaw.yml, may have; none where the names are free. */
export function schemaKeys(path: Path, root: unknown): string[] {
  let value = root;
  let schemas = unwrap(configSchema, value);
  for (const part of path) {
    value = (value as Record<string | number, unknown> | undefined)?.[part];
    schemas = schemas.flatMap((schema) => child(schema, part)).flatMap((schema) => unwrap(schema, value));
  }
  return [...new Set(schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))];
}

function unwrap(schema: unknown, value: unknown): unknown[] {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  if (isWrapped) return unwrap(schema.unwrap(), value);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in, value);
  if (schema instanceof z.ZodUnion) return schema.options.filter((option) => isOfKind(option, value));
  return [schema];
}

/** Whether this branch of a union is the one that the value names with its `kind`. */
function isOfKind(option: unknown, value: unknown): boolean {
  const kind = option instanceof z.ZodObject ? (option.shape["kind"] as unknown) : undefined;
  return !(kind instanceof z.ZodLiteral) || kind.value === (value as { kind?: unknown } | undefined)?.kind;
}

function child(schema: unknown, part: string | number): unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return schema instanceof z.ZodObject ? [schema.shape[part] ?? schema.def.catchall] : [];
}
