import type { Locator } from "playwright-core";
import { locate } from "../page/locate.ts";
import type { Tab } from "../session/tab.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { type ActionContext, needed } from "./action.ts";

/** Sets the values of form fields, one or several, replacing what stood there. */
export async function fill({ request, signal }: ActionContext, tab: Tab): Promise<void> {
  if (request.fields) {
    // All are found before the first is changed, so that a stale ref leaves the form as it was.
    const targets = await Promise.all(request.fields.map(({ ref }) => locate(tab, { ref })));
    for (const [at, { value }] of request.fields.entries()) await fillOne(targets[at]!, value, signal);
    if (request.submit) await targets.at(-1)?.press("Enter", { signal, timeout: 0 });
    return;
  }
  const text = needed(request.text, "text", request);
  const target = await locate(tab, request);
  await fillOne(target, text, signal);
  if (request.submit) await target.press("Enter", { signal, timeout: 0 });
}

const kindOf = pageFunction<[string, string | null], unknown>("(e) => [e.tagName, e.getAttribute('type')]");

async function fillOne(target: Locator, value: string | boolean, signal: AbortSignal): Promise<void> {
  const options = { signal, timeout: 0 };
  const [tag, type] = await target.evaluate(kindOf);
  const isTicked = typeof value === "boolean" || (tag === "INPUT" && (type === "checkbox" || type === "radio"));
  if (isTicked) await target.setChecked(value === true || value === "true" || value === "on", options);
  else if (tag === "SELECT") await target.selectOption(value, options);
  else await target.fill(value, options);
}
