import type * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { ErrorDetail } from "../../protocol/error.ts";
import { toDotted } from "./jsonValue.ts";

const MOST_DETAILS = 20;

/** The value as the schema has it, or `bad_request` with one detail per fault. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.flatMap(toDetails).slice(0, MOST_DETAILS);
  const [first] = details;
  throw new AppError(
    "bad_request",
    first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "Invalid input"),
    { details },
  );
}

function toDetails(issue: z.core.$ZodIssue): ErrorDetail[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: toDotted([...issue.path, key]), message: "Unknown field" }));
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return [{ path: toDotted(issue.path), message: "Required" }];
  }
  return [{ path: toDotted(issue.path), message: issue.message.replace(/^Invalid input: e/, "E") }];
}
