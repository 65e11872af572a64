export type HtmlToken =
  | { type: "text"; text: string }
  | { type: "open"; name: string; attributes: string }
  | { type: "close"; name: string };

// Their content is no text for readers.
const DROPPED =
  /^(script|style|title|noscript|template|svg|head|iframe|object|canvas|select|button|nav|footer|math|video|audio)$/;

const TAG_NAME = /<(\/?)([a-z][\w:-]{0,40})/iy;

/** Tags and texts of a page, in one pass whatever it holds: pages are written by strangers. What readers do not see is left out. */
export function* htmlTokens(html: string): Generator<HtmlToken> {
  let from = 0;
  let at = html.indexOf("<");
  while (at >= 0) {
    const tag = readTag(html, at);
    if (!tag) {
      at = html.indexOf("<", at + 1);
      continue;
    }
    if (at > from) yield { type: "text", text: html.slice(from, at) };
    from = tag.end;
    if (tag.name !== undefined) {
      if (tag.closes) yield { type: "close", name: tag.name };
      else if (!DROPPED.test(tag.name)) yield { type: "open", name: tag.name, attributes: tag.attributes };
      else if (!tag.attributes.endsWith("/")) from = endOfElement(html, tag.name, from);
    }
    at = html.indexOf("<", from);
  }
  if (from < html.length) yield { type: "text", text: html.slice(from) };
}

interface Tag {
  /** Absent in comments and declarations. */
  name?: string;
  closes: boolean;
  attributes: string;
  end: number;
}

function readTag(html: string, at: number): Tag | undefined {
  if (html.startsWith("<!--", at)) return { closes: false, attributes: "", end: after(html, "-->", at + 4) };
  if (html[at + 1] === "!" || html[at + 1] === "?") return { closes: false, attributes: "", end: after(html, ">", at) };
  TAG_NAME.lastIndex = at;
  const match = TAG_NAME.exec(html);
  if (!match) return undefined;
  const start = TAG_NAME.lastIndex;
  const end = endOfTag(html, start);
  return { name: match[2]!.toLowerCase(), closes: match[1] === "/", attributes: html.slice(start, end - 1), end };
}

/** After the ">" that is not inside a quoted value; a value is quoted only right after "=". */
function endOfTag(html: string, from: number): number {
  let isValue = false;
  for (let at = from; at < html.length; at += 1) {
    const char = html[at]!;
    if (char === ">") return at + 1;
    if (isValue && (char === '"' || char === "'")) {
      const close = html.indexOf(char, at + 1);
      // Never closed: then it is no quote, and the tag ends at the next ">".
      if (close < 0) return after(html, ">", at);
      at = close;
    }
    if (!/\s/.test(char)) isValue = char === "=";
  }
  return html.length;
}

/** After the closing tag; a nested element of the same name counts, except in scripts and styles. */
function endOfElement(html: string, name: string, from: number): number {
  const tag = new RegExp(`<(/?)${name}\\b`, "gi");
  tag.lastIndex = from;
  let depth = 1;
  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    if (match[1] === "/") depth -= 1;
    else if (!/^(script|style|title)$/.test(name)) depth += 1;
    if (depth === 0) return after(html, ">", tag.lastIndex);
  }
  return html.length;
}

function after(html: string, what: string, from: number): number {
  const found = html.indexOf(what, from);
  return found < 0 ? html.length : found + what.length;
}
