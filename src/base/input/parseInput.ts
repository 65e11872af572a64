import type * as z from "zod";
import { AppError } from "../appError.ts";
import { explainIssue } from "./explainIssue.ts";

const MOST_DETAILS = 20;

/** The value as the schema has it, or `bad_request` with one detail per fault. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues
    .flatMap((issue) => explainIssue(issue, value))
    .slice(0, MOST_DETAILS)
    .map(({ path, message }) => ({ path: toDotted(path), message }));
  const [first] = details;
  throw new AppError(
    "bad_request",
    first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "Invalid input"),
    { details },
  );
}

/** "job.schedule.kind"; long names are cut, since they are the client's. */
export function toDotted(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 100).toWellFormed().replaceAll("\0", "\\0")).join(".");
}
