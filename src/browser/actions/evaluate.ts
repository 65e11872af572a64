import { pageFunction } from "../page/pageFunction.ts";
import { locate } from "../page/locate.ts";
import type { Tab } from "../session/tab.ts";
import { type ActionContext, needed } from "./action.ts";
import { headOf } from "../../base/cutText.ts";

const MAX_CHARS = 20_000;

/** The value of a script in the page, as JSON. With a ref or role, its function is given that element. */
export async function evaluate({ request }: ActionContext, tab: Tab): Promise<string> {
  const script = needed(request.script, "script", request);
  const hasTarget = request.ref !== undefined || request.role !== undefined;
  const source = toSource(script);
  const value: unknown = hasTarget
    ? await (await locate(tab, request)).evaluate(pageFunction(source ?? `(element) => (${script})`))
    : await tab.page.evaluate(source === undefined ? script : pageFunction(source));
  const json = JSON.stringify(value, toPlain, 1) ?? "undefined";
  return json.length > MAX_CHARS ? `${headOf(json, MAX_CHARS)}… (${json.length} characters)` : json;
}

/** The function that a script is, or the body of; undefined for an expression. */
function toSource(script: string): string | undefined {
  if (/^\s*(async\s*)?(function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)/.test(script)) return script;
  return /(^|[;{}\n])\s*return\b/.test(script) ? `async (element) => { ${script}\n}` : undefined;
}

/** What JSON has no form for. */
function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return String(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
