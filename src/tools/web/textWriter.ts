const BLOCKS =
  /^(p|div|section|article|main|nav|footer|header|aside|ul|ol|table|tbody|thead|blockquote|form|figure|dl|dd|dt|details|summary|address|fieldset|noscript)$/;

/** The value of an attribute of the element being opened. */
type Attribute = (name: string) => string | undefined;

/** Writes a page down in something like markdown, element by element. */
export class TextWriter {
  readonly #base: string;
  #parts: string[] = [];
  #pre = 0;
  #lists: { ordered: boolean; count: number }[] = [];
  #links: { href: string | undefined; from: number }[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  text(text: string): void {
    if (this.#pre > 0) this.#add(text);
    else {
      const flat = text.replace(/[\s\u00a0]+/g, " ");
      this.#add(this.#endsBlank() ? flat.trimStart() : flat);
    }
  }

  open(name: string, attribute: Attribute): void {
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
    else if (name === "td" || name === "th") this.#add(this.#endsBlank() ? "| " : " | ");
    else if (name === "a") this.#links.push({ href: attribute("href"), from: this.#parts.length });
    else if (name === "img") this.#add(altText(attribute));
    else if (BLOCKS.test(name)) this.#add("\n\n");
  }

  close(name: string): void {
    if (/^h[1-6]$/.test(name) || BLOCKS.test(name)) this.#add("\n\n");
    if (name === "pre") {
      this.#pre -= 1;
      this.#add("\n```\n\n");
    } else if (name === "code" && this.#pre === 0) this.#add("`");
    else if (name === "ul" || name === "ol") this.#lists.pop();
    else if (name === "a") this.#closeLink();
  }

  result(): string {
    const lines = this.#parts.join("").split("\n");
    return lines
      .map((line) => line.trimEnd())
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim();
  }

  #endsBlank(): boolean {
    return this.#parts.length === 0 || /\s$/.test(this.#parts.at(-1)!);
  }

  #add(text: string): void {
    if (text !== "") this.#parts.push(text);
  }

  #openItem(): void {
    const list = this.#lists.at(-1);
    if (list) list.count += 1;
    this.#add(
      `\n${"  ".repeat(Math.min(Math.max(this.#lists.length - 1, 0), 8))}${list?.ordered ? `${list.count}.` : "-"} `,
    );
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

function altText(attribute: Attribute): string {
  const alt = attribute("alt")?.trim();
  return alt ? `[image: ${alt}]` : "";
}
