import type { McpAnswer, McpField } from "../../src/protocol/mcp.ts";
import { strings } from "./strings.ts";

/** What a field of a form holds: a text also where it is to become a number, or of several choices those that are taken. */
export type FieldValue = string | boolean | string[];

type Content = NonNullable<McpAnswer["content"]>;

/** What a page's field holds that is no value of its kind yet: half a date, a sign without a number. */
export const UNREADABLE = "\0";

/** What a field holds before anybody writes: its default, where that is one of its kind. */
export function firstValue({ kind, options = [], format, default: given }: McpField): FieldValue {
  const isOption = (value: unknown) => options.some((option) => option.value === value);
  switch (kind) {
    case "boolean":
      return given === true;
    case "choices":
      return Array.isArray(given) ? (given as unknown[]).filter(isOption).map(String) : [];
    case "choice":
      return isOption(given) ? String(given) : "";
    case "number":
      return typeof given === "number" ? String(given) : "";
    case "text":
      if (typeof given !== "string") return "";
      return format === "date-time" ? toLocal(given) : given;
  }
}

/** What is wrong with it, in a sentence; undefined when it can be sent. */
export function faultOf(field: McpField, value: FieldValue): string | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value !== "string") return isWithin(field, value.length) ? undefined : limitWords(field);
  if (value === "") return field.required ? strings.fieldFaults.missing : undefined;
  if (field.kind === "number") {
    const number = value === UNREADABLE ? Number.NaN : Number(value);
    if (!Number.isFinite(number)) return strings.fieldFaults.number;
    if (field.whole && !Number.isInteger(number)) return strings.fieldFaults.whole;
    return isWithin(field, number) ? undefined : limitWords(field);
  }
  if (field.kind !== "text") return undefined;
  if (value === UNREADABLE || !isFormat(field.format, value)) return strings.fieldFaults[field.format ?? "missing"];
  return isWithin(field, [...value].length) ? undefined : limitWords(field);
}

/** What a value is held to: "1 to 14"; undefined where it is not. */
export function limitWords({ kind, min, max }: McpField): string | undefined {
  const words = strings.fieldLimits[kind === "choices" ? "choices" : kind === "text" ? "text" : "number"];
  // Of none no more is said than of a text that may be empty.
  const least = kind !== "number" && min === 0 ? undefined : min;
  if (least !== undefined && max !== undefined)
    return least === max ? words.exactly(max) : strings.fieldLimits.between(least, words.upTo(max));
  if (least !== undefined) return words.least(least);
  return max === undefined ? undefined : words.most(max);
}

/** What is answered: nothing for what was left as it was and has no default. */
export function toContent(fields: McpField[], written: ReadonlyMap<string, FieldValue>): Content {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = toValue(field, written.get(field.name));
      return value === undefined ? [] : [[field.name, value] as const];
    }),
  );
}

function toValue(field: McpField, written: FieldValue | undefined): Content[string] | undefined {
  const { kind, required, format, default: given } = field;
  const value = written ?? firstValue(field);
  const isSaid = written !== undefined || required || given !== undefined;
  if (typeof value !== "string") return isSaid ? value : undefined;
  // A default that was deleted is not to come back.
  if (value === "") return kind === "text" && !format && typeof given === "string" ? "" : undefined;
  if (kind === "number") return Number(value);
  return format === "date-time" ? new Date(value).toISOString() : value;
}

function isWithin({ min = -Infinity, max = Infinity }: McpField, size: number): boolean {
  return size >= min && size <= max;
}

function isFormat(format: McpField["format"], text: string): boolean {
  switch (format) {
    case "email":
      return /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)*$/.test(text);
    case "uri":
      return /^[a-z][a-z\d+.-]*:\S+$/i.test(text) && URL.canParse(text);
    case "date":
    case "date-time":
      return !Number.isNaN(Date.parse(text));
    default:
      return true;
  }
}

/** A moment as the page's field has it: "2026-11-26T14:30", by this machine's clock. */
function toLocal(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
