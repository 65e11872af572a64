const BLOCKS =
  /^(p|div|section|article|main|nav|footer|header|aside|ul|ol|table|tbody|thead|blockquote|form|figure|dl|dd|dt|details|summary|address|fieldset|noscript)$/;

/** What stands before and behind what is raised, lowered or struck out. */
const MARKS = new Map([
  ["sup", ["^", ""]],
  ["sub", ["_", ""]],
  ["s", ["~~", "~~"]],
  ["del", ["~~", "~~"]],
  ["strike", ["~~", "~~"]],
]);

// What is marked is written anew for each mark around it: no reader raises what is raised deeper than this.
const MOST_MARKS = 8;

// A line's end within <pre>, where blank lines count. No page can write it: what reads pages takes it out.
const KEPT_END = "\0";

/** The value of an attribute of the element being opened. */
type Attribute = (name: string) => string | undefined;

/** Writes a page down in something like markdown, element by element. */
export class TextWriter {
  readonly #base: string;
  #parts: string[] = [];
  #pre = 0;
  #lists: { ordered: boolean; count: number }[] = [];
  #marks: number[] = [];
  #links: { href: string | undefined; from: number }[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  text(text: string): void {
    if (this.#pre > 0) this.#add(text.replaceAll("\n", KEPT_END));
    else {
      const flat = text.replace(/[\s\u00a0]+/g, " ");
      this.#add(this.#endsBlank() ? flat.trimStart() : flat);
    }
  }

  open(name: string, attribute: Attribute): void {
    const heading = /^h([1-6])$/.exec(name);
    if (heading) this.#add(`\n\n${"#".repeat(Number(heading[1]))} `);
    else if (name === "br") this.#add(this.#pre > 0 ? KEPT_END : "\n");
    else if (name === "hr") this.#add("\n\n---\n\n");
    else if (name === "pre") {
      this.#pre += 1;
      this.#add("\n\n```\n");
    } else if (name === "code" && this.#pre === 0) this.#add("`");
    else if (name === "ul" || name === "ol") {
      this.#lists.push({ ordered: name === "ol", count: (toCount(attribute("start")) ?? 1) - 1 });
      this.#add("\n");
    } else if (name === "li") this.#openItem(attribute("value"));
    else if (name === "tr") this.#add("\n");
    else if (name === "td" || name === "th") this.#add(this.#endsBlank() ? "| " : " | ");
    else if (name === "a") this.#links.push({ href: attribute("href"), from: this.#parts.length });
    else if (name === "img") this.#add(altText(attribute));
    else if (name === "frame") this.#addFrame(attribute);
    else if (MARKS.has(name)) this.#marks.push(this.#parts.length);
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
    else if (MARKS.has(name)) this.#closeMark(MARKS.get(name)!);
  }

  result(): string {
    const text = trimmedLines(this.#parts.join("")).replace(/\n{3,}/g, "\n\n");
    return trimmedLines(text.trim().replaceAll(KEPT_END, "\n"));
  }

  #endsBlank(): boolean {
    return this.#parts.length === 0 || /\s$/.test(this.#parts.at(-1)!);
  }

  #add(text: string): void {
    if (text !== "") this.#parts.push(text);
  }

  #openItem(value: string | undefined): void {
    const list = this.#lists.at(-1);
    if (list) list.count = toCount(value) ?? list.count + 1;
    this.#add(
      `\n${"  ".repeat(Math.min(Math.max(this.#lists.length - 1, 0), 8))}${list?.ordered ? `${list.count}.` : "-"} `,
    );
  }

  #addFrame(attribute: Attribute): void {
    const src = attribute("src") ?? "";
    const url = src === "" ? null : URL.parse(src, this.#base);
    if (url && /^https?:$/.test(url.protocol))
      this.#add(`\n[${attribute("title") ?? attribute("name") ?? src}](${url.href})\n`);
  }

  #closeMark([before = "", behind = ""]: string[]): void {
    const from = this.#marks.pop() ?? this.#parts.length;
    if (this.#marks.length >= MOST_MARKS) return;
    const text = this.#parts.splice(from).join("");
    const start = text.length - text.trimStart().length;
    const bare = text.trim();
    this.#add(bare === "" ? text : text.slice(0, start) + before + bare + behind + text.slice(start + bare.length));
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

function toCount(text: string | undefined): number | undefined {
  const count = Number.parseInt(text ?? "", 10);
  return Number.isSafeInteger(count) ? count : undefined;
}

function trimmedLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function altText(attribute: Attribute): string {
  const alt = attribute("alt")?.trim();
  return alt ? `[image: ${alt}]` : "";
}
