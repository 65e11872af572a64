import type { Locator } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { nameTable } from "../../base/nameTable.ts";

/** What each kind of field takes, by an example. Any other value empties it without a word. */
const FORMS = nameTable<string>({
  date: "2026-12-24",
  time: "09:30",
  "datetime-local": "2026-12-24T09:30",
  month: "2026-12",
  week: "2026-W52",
  color: "#3366ff",
  number: "12.5",
  range: "12.5",
});

// A range and a colour put a value of their own in place of one they do not take.
const isTaken = pageFunction<boolean, { type: string; value: string }>(`({ type, value }) => {
  if (type === "range") return Number.isFinite(Number(value));
  if (type === "color") return CSS.supports("color", value);
  const field = document.createElement("input");
  field.type = type;
  field.value = value;
  return field.value !== "";
}`);

/** `bad_request` with the form it takes, for a value that a field of this type would drop. */
export async function checkFieldValue(target: Locator, type: string, value: string): Promise<void> {
  const form = FORMS[type];
  if (form === undefined || value === "" || (await target.page().evaluate(isTaken, { type, value }))) return;
  throw new AppError(
    "bad_request",
    `A ${type} field takes a value like ${form}, not ${JSON.stringify(value.slice(0, 100))}`,
  );
}
