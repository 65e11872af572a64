import * as z from "zod";

/** What the reply of a run is to be: one JSON value that fits a schema. */
export interface ReplyForm {
  schema: Record<string, unknown>;
  /** What the client calls it. */
  name?: string;
}

/** A schema for a reply, as a field of an input. */
export const outputSchema = z
  .record(z.string(), z.unknown())
  .describe(
    "JSON Schema (2020-12, at most 64,000 characters, `$ref` within it only) that the reply is to fit: it is checked, asked for once more with what was wrong, and comes as `result` beside `reply`; `invalid_result` when it could not be had.",
  );

export function toForm(schema: Record<string, unknown> | undefined): ReplyForm | undefined {
  return schema && { schema };
}
