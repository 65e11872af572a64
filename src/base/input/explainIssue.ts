import type * as z from "zod";
import { nearest } from "./nearest.ts";
import { nameTable } from "../nameTable.ts";

type Issue = z.core.$ZodIssue;
export type IssuePath = (string | number)[];

/** One thing that is wrong with a value, in words that are the same at every door. */
export interface Fault {
  /** unknown: a field of nobody's. missing: one that is needed. */
  kind: "unknown" | "missing" | "type" | "choice" | "other";
  path: IssuePath;
  message: string;
  /** What a choice may be. */
  choices?: string[];
  /** Of a "type": zod's name of the one that was expected, as in "int". */
  expected?: string;
}

/** What a schema found. `root` is the value that was checked. */
export function explainIssue(issue: Issue, root: unknown, above: IssuePath = []): Fault[] {
  const path = [...above, ...(issue.path as IssuePath)];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ kind: "unknown", path: [...path, key], message: unknownField(issue.message) }));
    case "invalid_type":
      return [explainType(issue.expected, path, value)];
    case "invalid_value":
      return [explainChoice(issue.values.map(String), path, value)];
    case "invalid_union":
      return explainUnion(issue, root, path, value);
    case "too_small":
      return [{ kind: "other", path, message: tooSmall(issue) }];
    case "too_big":
      return [{ kind: "other", path, message: tooBig(issue) }];
    case "invalid_format": {
      const isUrl = issue.format === "url";
      const message = isUrl ? "Expected an address that starts with http:// or https://" : issue.message;
      return [{ kind: "other", path, message }];
    }
    default:
      return [{ kind: "other", path, message: issue.message }];
  }
}

/** A schema may have a reason of its own; zod's is no news. */
function unknownField(message: string): string {
  return message.startsWith("Unrecognized key") ? "Unknown field" : message;
}

/** A value in words that do not repeat it: it may be a token. */
export function describeValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "no finite number";
  return typeof value === "boolean" ? String(value) : "text";
}

function explainType(expected: string, path: IssuePath, value: unknown): Fault {
  if (value === undefined) return { kind: "missing", path, message: "Required", expected };
  if (expected === "int" && typeof value === "number")
    return { kind: "type", path, message: "Expected a whole number", expected };
  const given = value === null ? "but nothing is given" : `but ${describeValue(value)} is given`;
  return { kind: "type", path, message: `Expected ${TYPES[expected] ?? expected}, ${given}`, expected };
}

function explainChoice(choices: string[], path: IssuePath, value: unknown): Fault {
  if (value === undefined) return { kind: "missing", path, message: "Required", choices };
  const list = choices.length === 1 ? choices[0] : `one of ${choices.join(", ")}`;
  // An address may hold a password, a word does not.
  const given = typeof value === "string" && /^[\w .-]{1,40}$/.test(value) ? `"${value}"` : describeValue(value);
  return { kind: "choice", path, message: `Expected ${list}, not ${given}`, choices };
}

function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  root: unknown,
  path: IssuePath,
  value: unknown,
): Fault[] {
  if ("options" in issue) return [explainChoice((issue.options as unknown[]).map(String), path, value)];
  if (value === undefined) return [{ kind: "missing", path, message: "Required" }];
  // The branch that went wrong only further in is the one that was meant.
  const meant = issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
  );
  if (meant) return meant.flatMap((inner) => explainIssue(inner, root, path));
  const all = issue.errors.flat();
  const words = all.flatMap((inner) => (inner.code === "invalid_value" ? inner.values.map(String) : []));
  if (typeof value === "string" && nearest(value, words)) return [explainChoice(words, path, value)];
  const wanted = all.map((inner) => {
    if (inner.code === "invalid_value") return `"${inner.values.join('", "')}"`;
    return inner.code === "invalid_type" ? (TYPES[inner.expected] ?? inner.expected) : inner.message;
  });
  const message = `Expected ${[...new Set(wanted)].join(" or ")}, but ${describeValue(value)} is given`;
  return [{ kind: "other", path, message }];
}

function tooSmall({ origin, minimum, inclusive }: Extract<Issue, { code: "too_small" }>): string {
  if (origin === "string" && Number(minimum) <= 1) return "Expected some text, but it is blank";
  return `Expected ${inclusive ? "at least" : "more than"} ${minimum}${unitOf(origin)}`;
}

function tooBig({ origin, maximum, inclusive }: Extract<Issue, { code: "too_big" }>): string {
  return `Expected ${inclusive ? "at most" : "less than"} ${maximum}${unitOf(origin)}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " entries" : "";
}

const TYPES = nameTable<string>({
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "keys with values",
  record: "keys with values",
  array: "a list",
});

function valueAt(root: unknown, path: IssuePath): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part],
    root,
  );
}
