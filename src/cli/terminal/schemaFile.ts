import { readFile } from "node:fs/promises";
import { AppError } from "../../base/appError.ts";
import { readSchema } from "../../schema/readSchema.ts";

/** The JSON Schema in a file. Undefined where none is named; `bad_request` for what is none. */
export async function readSchemaFile(file: string | undefined): Promise<Record<string, unknown> | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new AppError("bad_request", `${file} cannot be read: ${(error as Error).message}`);
  });
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw new AppError("bad_request", `${file} is not valid JSON: ${(error as Error).message}`);
  }
  readSchema(schema, file);
  return schema as Record<string, unknown>;
}

/** What is printed of a reply: the value where it is one. Null where there is none yet. */
export function toPrinted(answer: { reply: string | null; result?: unknown }): string | null {
  return answer.result === undefined ? answer.reply : JSON.stringify(answer.result, null, 2);
}
