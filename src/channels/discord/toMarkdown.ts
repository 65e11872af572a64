import { isLinkable, type Stretch, type Style } from "../styledText.ts";

type Emphasis = "bold" | "italic" | "strike";
type Link = Extract<Style, { is: "link" }>;

/** What stands in one line: text with at most one emphasis, or what is written already. */
type Piece = { text: string; emphasis?: Emphasis | undefined; isQuote: boolean } | { raw: string; isQuote: boolean };

const URL_START = /https?:\/\//i;
// Discord reads no address behind these, where they are its last letters.
const URL_END = /[.,:;!?"')\]*_~|`\\]+$/;

// In any script, with any of the signs that read as its dots, and with what is not seen between them.
const LIKE_ADDRESS = /:\/\/|[\p{L}\p{N}]\p{Cf}*[.\u2024\u3002\uff0e\uff61]\p{Cf}*[\p{L}\p{N}]/u;

/** Stretches in Discord's own Markdown, so that exactly their text is shown, with their styles as far as Discord has them. */
export function toMarkdown(stretches: Stretch[]): string {
  let out = "";
  const pieces = merged(stretches.flatMap(toPieces));
  pieces.forEach((piece, at) => {
    const isStart = out === "" || out.endsWith("\n");
    if (isStart && piece.isQuote) out += "> ";
    out += "raw" in piece ? piece.raw : written(piece, { isStart, before: out, next: pieces[at + 1] });
  });
  return out;
}

/** Text of which Discord takes nothing for markup, an address, or a name. */
export function escapeMarkdown(text: string, isStart = true): string {
  return text
    .split("\n")
    .map((line, at) => {
      const escaped = line
        .replaceAll(/[\\*_~`|<[]/g, "\\$&")
        .replaceAll("://", "\\://")
        .replaceAll(/:(?=[\w+-]+:)/g, "\\:")
        .replaceAll(/@(?=everyone|here)/g, "\\@");
      if (at === 0 && !isStart) return escaped;
      return escaped.replace(/^([ \t]*)([#>+-])/, "$1\\$2").replace(/^([ \t]*\d{1,20})\./, "$1\\.");
    })
    .join("\n");
}

/** Whether Discord shows it as a block of code just as it is. */
export function isPlainBlock(text: string): boolean {
  return !text.includes("```");
}

function toPieces({ text, styles }: Stretch): Piece[] {
  const isQuote = styles.some(({ is }) => is === "quote");
  const block = styles.find((style) => style.is === "block");
  // A fence begins a line of its own, outside of all else.
  if (block) return [{ raw: toBlock(text, block.language), isQuote: false }];
  const link = styles.find((style) => style.is === "link" && isLinkable(style.url)) as Link | undefined;
  if (styles.some(({ is }) => is === "code")) {
    return [codePiece(text, isQuote), ...(link ? [{ raw: ` (${toAddress(link.url)})`, isQuote }] : [])];
  }
  if (link) return [{ raw: toLink(text, link.url), isQuote }];
  const emphasis = styles.map(({ is }) => is).find((is) => is === "bold" || is === "italic" || is === "strike");
  return text
    .split(/(\n)/)
    .filter((line) => line !== "")
    .flatMap((line) => (line === "\n" ? [{ raw: "\n", isQuote: false }] : linePieces(line, emphasis, isQuote)));
}

function toBlock(text: string, language: string): string {
  const name = /^[\w+.#-]{1,30}$/.test(language) ? language : "";
  return `\`\`\`${name}\n${text}\n\`\`\``;
}

/** One grave accent or two around it, whichever is not in it; without a style where both are. */
function codePiece(text: string, isQuote: boolean): Piece {
  const runs = new Set([...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = !runs.has(1) ? "`" : !runs.has(2) ? "``" : undefined;
  if (fence === undefined || text.trim() === "" || text.includes("\n"))
    return { text: text.replaceAll("\n", " "), isQuote };
  const before = /^ *`/.test(text) ? " " : "";
  const after = /` *$/.test(text) ? " " : "";
  return { raw: `${fence}${before}${text}${after}${fence}`, isQuote };
}

function toAddress(url: string): string {
  return `<${url.replaceAll(/[\s<>]/g, encodeURIComponent)}>`;
}

function toLink(text: string, url: string): string {
  const address = toAddress(url);
  if (text === url) return address;
  const label = escapeMarkdown(text.replaceAll("\n", " "), false).replaceAll("]", "\\]");
  // What looks like an address leads nowhere else: Discord makes no link of it.
  return LIKE_ADDRESS.test(text) || text.trim() === "" ? `${label} (${address})` : `[${label}](${address})`;
}

/** Addresses of the web are links, without previews, and in no emphasis. */
function linePieces(line: string, emphasis: Emphasis | undefined, isQuote: boolean): Piece[] {
  const at = line.search(URL_START);
  if (at < 0) return [{ text: line, emphasis, isQuote }];
  const [whole = ""] = /^[^\s<>]*/.exec(line.slice(at))!;
  const url = withoutEnd(whole);
  const [before, after] = [line.slice(0, at), line.slice(at + url.length)];
  const isUrl = url.length > "https://".length;
  return [
    ...(before === "" ? [] : [{ text: before, emphasis, isQuote }]),
    isUrl ? { raw: `<${url}>`, isQuote } : { text: url, emphasis, isQuote },
    ...(after === "" ? [] : isUrl ? linePieces(after, emphasis, isQuote) : [{ text: after, emphasis, isQuote }]),
  ];
}

/** Brackets that it opened itself belong to it. */
function withoutEnd(whole: string): string {
  const bare = whole.replace(URL_END, "");
  const opened = bare.split("(").length - bare.split(")").length;
  const closing = /^\)*/.exec(whole.slice(bare.length))![0].length;
  return whole.slice(0, bare.length + Math.max(0, Math.min(opened, closing)));
}

function merged(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    const isSame =
      last && "text" in last && "text" in piece && last.emphasis === piece.emphasis && last.isQuote === piece.isQuote;
    if (isSame) out[out.length - 1] = { ...last, text: last.text + piece.text };
    else out.push(piece);
  }
  return out;
}

const MARKS: Record<Emphasis, string[]> = { bold: ["**"], strike: ["~~"], italic: ["_", "*"] };

function written(
  { text, emphasis }: Extract<Piece, { text: string }>,
  { isStart, before, next }: { isStart: boolean; before: string; next: Piece | undefined },
): string {
  const [, head = "", body = "", tail = ""] = /^(\s*)([^]*?)(\s*)$/.exec(text)!;
  const plain = escapeMarkdown(text, isStart);
  if (emphasis === undefined || body === "") return plain;
  const left = before + head;
  const right = tail === "" ? startOf(next) : tail;
  const mark = MARKS[emphasis].find((one) => isRead(one, left, right));
  return mark === undefined ? plain : `${head}${mark}${escapeMarkdown(body, isStart)}${mark}${tail}`;
}

/** Between these Discord reads it as a mark, and ends it there. */
function isRead(mark: string, left: string, right: string): boolean {
  const first = mark[0]!;
  if (left.endsWith(first) || right.startsWith(first)) return false;
  if (mark === "_") return !/^\w/.test(right) && !left.endsWith("~~");
  return mark === "~~" ? !right.startsWith("_") : true;
}

/** With what the next piece begins; where that is not decided yet, with what is the worst. */
function startOf(next: Piece | undefined): string {
  if (!next) return "";
  if ("raw" in next) return next.raw;
  if (next.emphasis === undefined || /^\s/.test(next.text)) return escapeMarkdown(next.text.slice(0, 20), false);
  return MARKS[next.emphasis][0]!;
}
