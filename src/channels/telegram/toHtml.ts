import { isLinkable, type Stretch, type Style } from "../styledText.ts";

/** Stretches in Telegram's HTML: its tags, each closed within the one around it, and nothing else that reads as markup. */
export function toHtml(stretches: Stretch[]): string {
  let html = "";
  let open: Style[] = [];
  const closeTo = (count: number) => {
    for (const style of open.slice(count).toReversed()) html += `</${tagOf(style)}>`;
    open = open.slice(0, count);
  };
  for (const { text, styles } of stretches) {
    const wanted = allowed(styles);
    let same = 0;
    while (same < open.length && open[same] === wanted[same]) same++;
    closeTo(same);
    for (const style of wanted.slice(same)) html += openingOf(style);
    open = wanted;
    html += escapeHtml(text);
  }
  closeTo(0);
  return html;
}

/** By the names that Telegram knows. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Code is within nothing else, quotes are not within quotes, and links go to the web. */
function allowed(styles: Style[]): Style[] {
  const code = styles.find(({ is }) => is === "code" || is === "block");
  if (code) return [code];
  const quote = styles.find(({ is }) => is === "quote");
  const others = styles.filter(
    (style, at) =>
      style.is !== "quote" &&
      (style.is !== "link" || isLinkable(style.url)) &&
      styles.findIndex(({ is }) => is === style.is) === at,
  );
  return quote ? [quote, ...others] : others;
}

const TAGS = { bold: "b", italic: "i", strike: "s", code: "code", quote: "blockquote", link: "a", block: "pre" };

function tagOf(style: Style): string {
  return style.is === "block" && style.language !== "" ? "code></pre" : TAGS[style.is];
}

function openingOf(style: Style): string {
  if (style.is === "link") return `<a href="${escapeHtml(style.url).replaceAll('"', "&quot;")}">`;
  if (style.is === "block" && style.language !== "")
    return `<pre><code class="language-${escapeHtml(style.language)}">`;
  return `<${TAGS[style.is]}>`;
}
