import { cutText } from "../../base/cutText.ts";

const SHOWN_CHARS = 80;

/**
 * Names the message that a refusal points at by its place in the request, as in "messages.3.content.0" or "input[3]", by
 * whose it is and how it begins; "" when the refusal names none.
 */
export function messageAtFault(words: string, sent: readonly unknown[] | undefined): string {
  const place = /\b(?:messages|input|contents)(?:\.|\[)(\d+)/.exec(words)?.[1];
  const item = place === undefined ? undefined : sent?.[Number(place)];
  if (typeof item !== "object" || item === null) return "";
  const { role, type } = item as { role?: unknown; type?: unknown };
  const text = firstText(item);
  const words80 = text === undefined ? "" : `: ${JSON.stringify(cutText(text.trim(), SHOWN_CHARS))}`;
  return `. The message at fault is number ${Number(place) + 1} of the request, of ${String(role ?? type ?? "unknown")}${words80}`;
}

const TEXTS = ["text", "content", "parts", "output", "response", "arguments", "input", "name"];

function firstText(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (typeof value !== "object" || value === null) return undefined;
  const inner: unknown[] = Array.isArray(value)
    ? value
    : TEXTS.map((key) => (value as Record<string, unknown>)[key]).filter((found) => found !== undefined);
  for (const item of inner) {
    const text = firstText(item);
    if (text !== undefined) return text;
  }
  return undefined;
}
