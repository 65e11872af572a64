import type * as z from "zod";
import { AppError } from "../appError.ts";
import { explainIssue } from "./explainIssue.ts";

const MOST_DETAILS = 20;

/** The value as the schema has it, or `bad_request` with one detail per fault. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues
    .slice(0, MOST_DETAILS)
    .flatMap((issue) => explainIssue(issue, value))
    .slice(0, MOST_DETAILS)
    .map(({ kind, path, message }) => ({ kind, path: toDotted(path), message }));
  const [first, ...more] = faults;
  // What is missing may be there under another name, or at another place.
  const strays = first?.kind === "missing" ? more.filter(({ kind }) => kind === "unknown").slice(0, 3) : [];
  const said = [first, ...strays].map((fault) => (fault?.path ? `${fault.path}: ${fault.message}` : fault?.message));
  throw new AppError("bad_request", said.map((words) => words ?? "Invalid input").join("; "), {
    details: faults.map(({ path, message }) => ({ path, message })),
  });
}

/** "job.schedule.kind"; long names are cut, since they are the client's. */
export function toDotted(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 100).toWellFormed().replaceAll("\0", "\\0")).join(".");
}
