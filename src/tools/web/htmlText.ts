import { decodeEntities } from "./entities.ts";

/** The readable text of an HTML page, in something like markdown: headings, lists, links, code, tables as rows. */
export function htmlText(html: string, baseUrl: string): string {
  const writer = new TextWriter(baseUrl);
  for (const token of tokens(html)) {
    if (token.type === "text") writer.text(decodeEntities(token.text));
    else if (token.type === "open") writer.open(token.name, token.attributes);
    else writer.close(token.name);
  }
  return writer.result();
}

/** The page's own title, if it has one. */
export function htmlTitle(html: string): string | undefined {
  const found = /<title[^>]*>([^<]*)/i.exec(html.slice(0, 100_000));
  const title = found && decodeEntities(found[1]!).replace(/\s+/g, " ").trim();
  return title || undefined;
}

type Token =
  | { type: "text"; text: string }
  | { type: "open"; name: string; attributes: string }
  | { type: "close"; name: string };

// Their content is no text for readers.
const DROPPED =
  /^(script|style|noscript|template|svg|head|iframe|object|canvas|select|button|nav|footer|math|video|audio)$/;

function* tokens(html: string): Generator<Token> {
  const tag = /<(?:!--[\s\S]*?(?:-->|$)|[!?][^>]*>?|(\/?)([a-z][\w:-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>)/gi;
  let from = 0;
  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    if (match.index > from) yield { type: "text", text: html.slice(from, match.index) };
    from = tag.lastIndex;
    const name = match[2]?.toLowerCase();
    if (name === undefined) continue;
    if (match[1] === "/") yield { type: "close", name };
    else if (DROPPED.test(name)) {
      if (!match[3]!.endsWith("/")) from = tag.lastIndex = endOf(html, name, from);
    } else yield { type: "open", name, attributes: match[3]! };
  }
  if (from < html.length) yield { type: "text", text: html.slice(from) };
}

/** After the closing tag; a nested element of the same name counts. */
function endOf(html: string, name: string, from: number): number {
  const tag = new RegExp(`<(/?)${name}\\b[^>]*>`, "gi");
  tag.lastIndex = from;
  let depth = 1;
  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    depth += match[1] === "/" || /^(script|style)$/.test(name) ? -1 : 1;
    if (depth === 0) return tag.lastIndex;
  }
  return html.length;
}

const BLOCKS =
  /^(p|div|section|article|main|header|aside|ul|ol|table|tbody|thead|blockquote|form|figure|dl|dd|dt|details|summary|address|fieldset)$/;

class TextWriter {
  readonly #base: string;
  #parts: string[] = [];
  #pre = 0;
  #lists: { ordered: boolean; count: number }[] = [];
  #links: { href: string | undefined; from: number }[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  text(text: string): void {
    this.#parts.push(this.#pre > 0 ? text : text.replace(/\s+/g, " "));
  }

  open(name: string, attributes: string): void {
    const heading = /^h([1-6])$/.exec(name);
    if (heading) this.#add(`\n\n${"#".repeat(Number(heading[1]))} `);
    else if (name === "br") this.#add("\n");
    else if (name === "hr") this.#add("\n\n---\n\n");
    else if (name === "pre") {
      this.#pre += 1;
      this.#add("\n\n```\n");
    } else if (name === "code" && this.#pre === 0) this.#add("`");
    else if (name === "ul" || name === "ol") {
      this.#lists.push({ ordered: name === "ol", count: 0 });
      this.#add("\n");
    } else if (name === "li") this.#openItem();
    else if (name === "tr") this.#add("\n");
    else if (name === "td" || name === "th") this.#add(" | ");
    else if (name === "a") this.#links.push({ href: attribute(attributes, "href"), from: this.#parts.length });
    else if (name === "img") this.#add(altText(attributes));
    else if (BLOCKS.test(name)) this.#add("\n\n");
  }

  close(name: string): void {
    if (/^h[1-6]$/.test(name) || BLOCKS.test(name)) this.#add("\n\n");
    if (name === "pre" && this.#pre > 0) {
      this.#pre -= 1;
      this.#add("\n```\n\n");
    } else if (name === "code" && this.#pre === 0) this.#add("`");
    else if (name === "ul" || name === "ol") this.#lists.pop();
    else if (name === "a") this.#closeLink();
  }

  result(): string {
    return this.#parts
      .join("")
      .replace(/[^\S\n]+\n/g, "\n")
      .replace(/\n +(?=[^\s-]|$)/g, (whole) => (this.#hasCode ? whole : "\n"))
      .replace(/\n{3,}/g, "\n\n")
      .trim();
  }

  get #hasCode(): boolean {
    return this.#parts.includes("\n\n```\n");
  }

  #add(text: string): void {
    this.#parts.push(text);
  }

  #openItem(): void {
    const list = this.#lists.at(-1);
    if (list) list.count += 1;
    this.#add(`\n${"  ".repeat(Math.max(this.#lists.length - 1, 0))}${list?.ordered ? `${list.count}.` : "-"} `);
  }

  #closeLink(): void {
    const link = this.#links.pop();
    if (!link) return;
    const label = this.#parts.splice(link.from).join("");
    const url = link.href === undefined ? null : URL.parse(link.href, this.#base);
    const isPlain = !url || !/^https?:$/.test(url.protocol) || label.trim() === "" || link.href!.startsWith("#");
    this.#add(isPlain ? label : `[${label.trim()}](${url.href})`);
  }
}

function altText(attributes: string): string {
  const alt = attribute(attributes, "alt")?.trim();
  return alt ? `[image: ${alt}]` : "";
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i").exec(attributes);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decodeEntities(value);
}
