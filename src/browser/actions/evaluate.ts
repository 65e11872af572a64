import { Script } from "node:vm";
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
  const source = toSource(script, hasTarget);
  // The driver takes what begins with a function for one.
  const statements = `;${script}`;
  const value: unknown = hasTarget
    ? await (await locate(tab, request)).evaluate(pageFunction(source ?? script))
    : await tab.page.evaluate(source === undefined ? statements : pageFunction(source));
  const json = JSON.stringify(value, toPlain, 1) ?? "undefined";
  return json.length > MAX_CHARS ? `${headOf(json, MAX_CHARS)}… (${json.length} characters)` : json;
}

/**
 * A function of the element that does as a script says: an expression, a function, or the body of one. Undefined for
 * statements without an element, whose value is that of the last, and for what does not parse at all.
 */
function toSource(script: string, hasTarget: boolean): string | undefined {
  const expression = `async (element) => (${script}\n)`;
  if (parses(expression)) {
    if (!/^\s*(async\s*)?(function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)/.test(script)) return expression;
    return `async (element) => { const made = (${script}\n); return typeof made === "function" ? made(element) : made; }`;
  }
  const body = `async (element) => { ${script}\n}`;
  return parses(body) && (hasTarget || !parses(script)) ? body : undefined;
}

/** Whether a text is a script; nothing of it runs. */
function parses(text: string): boolean {
  try {
    return new Script(text) instanceof Script;
  } catch {
    return false;
  }
}

/** What JSON has no form for. */
function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return String(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
