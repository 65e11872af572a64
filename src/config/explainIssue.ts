import type * as z from "zod";
import { nearest } from "./nearest.ts";
import { type Finding, type Path, toKey } from "./configProblem.ts";
import { schemaKeys } from "./schemaKeys.ts";

type Issue = z.core.$ZodIssue;

/** What the schema found, in plain words. `root` is the value that was checked. */
export function explainIssue(issue: Issue, root: unknown, above: Path = []): Finding[] {
  const path = [...above, ...(issue.path as Path)];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => explainUnknownKey(path, key, root));
    case "invalid_type":
      return [explainType(issue, path, value)];
    case "invalid_value":
      return [explainChoice(issue.values.map(String), path, value)];
    case "invalid_union":
      return explainUnion(issue, root, path, value);
    case "too_small":
      return [{ path, message: tooSmall(issue) }];
    case "too_big":
      return [{ path, message: `Expected at most ${issue.maximum}` }];
    case "invalid_format":
      return [
        {
          path,
          message: issue.format === "url" ? "Expected an address that starts with http:// or https://" : issue.message,
        },
      ];
    default:
      return [{ path, message: issue.message }];
  }
}

function explainUnknownKey(above: Path, key: string, root: unknown): Finding {
  const path = [...above, key];
  const keys = schemaKeys(above, root);
  const suggestion = nearest(key, keys);
  if (suggestion)
    return { path, about: "key", message: `Unknown key "${key}"; did you mean "${suggestion}"?`, suggestion };
  const elsewhere = key in HOMES ? `; it belongs under "${HOMES[key]}"` : "";
  return { path, about: "key", message: `Unknown key "${key}"${elsewhere || `; known here: ${keys.join(", ")}`}` };
}

/** Keys that people put at the top of the file. */
const HOMES: Record<string, string> = {
  token: "gateway",
  tokens: "gateway",
  port: "gateway",
  host: "gateway",
  tls: "gateway",
  apiKey: "providers",
  baseUrl: "providers",
  instructions: "agent",
  maxSteps: "agent",
  tools: "agent",
  approvals: "agent",
  budgetUsd: "agent",
  budgetTokens: "agent",
  tokensPerMinute: "providers",
  headless: "browser",
  executablePath: "browser",
};

function explainType(issue: Extract<Issue, { code: "invalid_type" }>, path: Path, value: unknown): Finding {
  const wanted = TYPES[issue.expected] ?? issue.expected;
  if (value === undefined) return { path, message: `Missing: ${toKey(path.slice(-1))} is needed here` };
  if (value === null) return { path, message: `Expected ${wanted}, but nothing is given` };
  if (issue.expected === "string" && typeof value !== "object") {
    return { path, message: `Expected text, but ${describe(value)} is given; put it in quotes` };
  }
  if (issue.expected === "int" && typeof value === "number") return { path, message: "Expected a whole number" };
  const plain = typeof value === "string" ? asPlain(value, issue.expected) : undefined;
  if (plain !== undefined)
    return { path, message: `Expected ${wanted}, but text is given; remove the quotes`, suggestion: plain };
  return { path, message: `Expected ${wanted}, but ${describe(value)} is given` };
}

function explainChoice(choices: string[], path: Path, value: unknown): Finding {
  const list = choices.length === 1 ? choices[0] : `one of ${choices.join(", ")}`;
  if (value === undefined) return { path, message: `Missing: ${toKey(path.slice(-1))} is needed here, ${list}` };
  const suggestion = typeof value === "string" ? nearest(value, choices) : undefined;
  // An address may hold a password, a word does not.
  const given = typeof value === "string" && /^[\w .-]{1,40}$/.test(value) ? `"${value}"` : describe(value);
  return {
    path,
    message: suggestion
      ? `Expected ${list}, not ${given}; did you mean "${suggestion}"?`
      : `Expected ${list}, not ${given}`,
    ...(suggestion ? { suggestion } : {}),
  };
}

function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  root: unknown,
  path: Path,
  value: unknown,
): Finding[] {
  if ("options" in issue) return [explainChoice((issue.options as unknown[]).map(String), path, value)];
  // The branch that went wrong only further in is the one that was meant.
  const meant = issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
  );
  if (meant) return meant.flatMap((inner) => explainIssue(inner, root, path));
  const words = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === "invalid_value" ? inner.values.map(String) : []));
  if (typeof value === "string" && nearest(value, words)) return [explainChoice(words, path, value)];
  const wanted = issue.errors.flat().map((inner) => {
    if (inner.code === "invalid_value") return `"${inner.values.join('", "')}"`;
    return inner.code === "invalid_type" ? (TYPES[inner.expected] ?? inner.expected) : inner.message;
  });
  return [{ path, message: `Expected ${wanted.join(" or ")}, but ${describe(value)} is given` }];
}

function tooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") return "Expected some text, but it is blank";
  return issue.inclusive ? `Expected at least ${issue.minimum}` : `Expected more than ${issue.minimum}`;
}

const TYPES: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "keys with values",
  record: "keys with values",
  array: "a list",
};

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  // Not which one: it may be a token.
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? String(value) : "text";
}

function asPlain(text: string, expected: string): string | undefined {
  if (expected === "boolean") return /^(true|false)$/.test(text) ? text : undefined;
  const isNumber = (expected === "number" || expected === "int") && text.trim() !== "" && Number.isFinite(Number(text));
  return isNumber ? text.trim() : undefined;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part],
    root,
  );
}
