/** A text, or the one that an object holds as its `text`, as some servers tell it; undefined for what is neither. */
export function textIn(told: unknown): string | undefined {
  const text = typeof told === "object" && told !== null ? (told as { text?: unknown }).text : told;
  return typeof text === "string" ? text : undefined;
}

/** The same, and "" for nothing. Throws for what is no text: what there was to read is not known then. */
export function toText(told: unknown): string {
  const text = textIn(told ?? "");
  if (text === undefined) throw new TypeError(`${JSON.stringify(told).slice(0, 80)} is no text`);
  return text;
}
