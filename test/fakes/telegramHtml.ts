/** What Telegram makes of a text in its HTML: plain text with entities, or the fault in its words. */
export function parseTelegramHtml(html: string): { text: string; entities: TelegramEntity[] } {
  let text = "";
  const entities: TelegramEntity[] = [];
  const open: { tag: string; from: number; attributes: string }[] = [];
  for (let at = 0; at < html.length;) {
    const char = html[at]!;
    if (char === "&") {
      const found = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot));/i.exec(html.slice(at, at + 12));
      if (found) {
        const [whole, decimal, hex, name] = found;
        text +=
          name === undefined
            ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
            : { lt: "<", gt: ">", amp: "&", quot: '"' }[name]!;
        at += whole.length;
        continue;
      }
    }
    if (char !== "<") {
      text += char;
      at += 1;
      continue;
    }
    const end = html.indexOf(">", at);
    const inner = end < 0 ? undefined : html.slice(at + 1, end);
    const closing = inner?.startsWith("/");
    const [, tag = "", attributes = ""] = /^\/?([a-z-]*)([^]*)$/i.exec(inner ?? "") ?? [];
    if (inner === undefined || !TAGS.has(tag))
      throw new Error(`Unsupported start tag "${tag}" at byte offset ${Buffer.byteLength(html.slice(0, at))}`);
    at = end + 1;
    if (!closing) {
      open.push({ tag, from: text.length, attributes });
      continue;
    }
    const begun = open.pop();
    if (begun?.tag !== tag)
      throw new Error(`Unmatched end tag at byte offset ${at}, expected "</${begun?.tag ?? ""}>", found "</${tag}>"`);
    if (text.length > begun.from)
      entities.push({
        type: TAGS.get(tag)!,
        offset: begun.from,
        length: text.length - begun.from,
        attributes: begun.attributes.trim(),
      });
  }
  if (open.length > 0) throw new Error(`Can't find end tag corresponding to start tag "${open.at(-1)!.tag}"`);
  return { text, entities };
}

export interface TelegramEntity {
  type: string;
  offset: number;
  length: number;
  attributes: string;
}

const TAGS = new Map([
  ["b", "bold"],
  ["strong", "bold"],
  ["i", "italic"],
  ["em", "italic"],
  ["u", "underline"],
  ["s", "strikethrough"],
  ["a", "text_link"],
  ["code", "code"],
  ["pre", "pre"],
  ["blockquote", "blockquote"],
]);

/** What of the entities Telegram would not show as it was meant: nested where that is not possible. */
export function findMisfits(entities: TelegramEntity[]): string[] {
  return entities.flatMap((outer) =>
    entities
      .filter(
        (inner) =>
          inner !== outer && inner.offset >= outer.offset && inner.offset + inner.length <= outer.offset + outer.length,
      )
      .filter(
        (inner) =>
          (outer.type === "code" && inner.type !== "pre") ||
          (outer.type === "pre" && inner.type !== "code") ||
          (outer.type === "blockquote" && inner.type === "blockquote") ||
          (inner.type === "pre" && outer.type !== "code"),
      )
      .map((inner) => `${inner.type} within ${outer.type}`),
  );
}
