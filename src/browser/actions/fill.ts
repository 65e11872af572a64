import type { Locator } from "playwright-core";
import { checkFieldValue } from "./fieldValue.ts";
import { locate } from "../page/locate.ts";
import type { Tab } from "../session/tab.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { type ActionContext, needed } from "./action.ts";

/** Sets the values of form fields, one or several, replacing what stood there. */
export async function fill({ request, signal }: ActionContext, tab: Tab): Promise<void> {
  const wanted = request.fields ?? [
    { ref: request.ref, role: request.role, name: request.name, value: needed(request.text, "text", request) },
  ];
  // All are found and checked before the first is changed, so that a stale ref or a bad value leaves the form as it was.
  const fields = await Promise.all(
    wanted.map(async ({ value, ...target }) => toField(await locate(tab, target), value, signal)),
  );
  for (const field of fields) await fillOne(field, signal);
  if (request.submit) await fields.at(-1)?.target.press("Enter", { signal, timeout: 0 });
}

interface Field {
  target: Locator;
  value: string | boolean;
  tag: string;
  type: string | null;
}

const kindOf = pageFunction<[string, string | null], unknown>(
  "(e) => [e.tagName, e.tagName === 'INPUT' ? e.type : null]",
);

async function toField(target: Locator, value: string | boolean, signal: AbortSignal): Promise<Field> {
  const [tag, type] = await target.evaluate(kindOf, undefined, { signal, timeout: 0 });
  if (type !== null && typeof value === "string") await checkFieldValue(target, type, value);
  return { target, value, tag, type };
}

async function fillOne({ target, value, tag, type }: Field, signal: AbortSignal): Promise<void> {
  const options = { signal, timeout: 0 };
  const isTicked = typeof value === "boolean" || type === "checkbox" || type === "radio";
  if (isTicked) await target.setChecked(value === true || value === "true" || value === "on", options);
  else if (tag === "SELECT") await target.selectOption(value, options);
  else await target.fill(value, options);
}
