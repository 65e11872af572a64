import type * as z from "zod";
import { type Fault, explainIssue } from "../base/input/explainIssue.ts";
import { nearest } from "../base/input/nearest.ts";
import { type Finding, type Path, toKey } from "./configProblem.ts";
import { schemaKeys } from "./schemaKeys.ts";
import { nameTable } from "../base/nameTable.ts";

// What was meant by each of thousands of unknown keys nobody reads, and looking for it would hold up a start.
const MOST_EXPLAINED = 100;

/** What the schema found, with what was probably meant. `root` is the value that was checked. */
export function issueFindings(issue: z.core.$ZodIssue, root: unknown): Finding[] {
  return explainIssue(issue, root).map((fault, at) => {
    if (at < MOST_EXPLAINED) return toFinding(fault, root);
    const { path, message } = fault;
    return fault.kind === "unknown"
      ? { path, about: "key", message: `Unknown key "${path.at(-1)}"` }
      : { path, message };
  });
}

function toFinding({ kind, path, message, choices = [], expected = "" }: Fault, root: unknown): Finding {
  if (kind === "unknown") return explainUnknownKey(path.slice(0, -1), String(path.at(-1)), root);
  if (kind === "missing") {
    const list = choices.length > 0 ? `, ${choices.length === 1 ? "" : "one of "}${choices.join(", ")}` : "";
    return { path, message: `Missing: ${toKey(path.slice(-1))} is needed here${list}` };
  }
  const value = valueAt(root, path);
  if (kind === "choice") {
    const suggestion = typeof value === "string" ? nearest(value, choices) : undefined;
    return suggestion ? { path, message: `${message}; did you mean "${suggestion}"?`, suggestion } : { path, message };
  }
  if (kind !== "type" || value === null) return { path, message };
  if (expected === "string" && typeof value !== "object") return { path, message: `${message}; put it in quotes` };
  const plain = typeof value === "string" ? asPlain(value, expected) : undefined;
  return plain === undefined
    ? { path, message }
    : { path, message: `${message}; remove the quotes`, suggestion: plain };
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
const HOMES = nameTable<string>({
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
});

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
