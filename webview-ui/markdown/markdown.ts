import DOMPurify from "dompurify";
import MarkdownIt, { type Token } from "markdown-it";
import { highlight } from "./highlight.ts";
import { toLinkTarget } from "./links.ts";
import { strings } from "../parts/strings.ts";

/** Link definitions of a whole message, for blocks that are rendered one by one. */
export type MarkdownContext = { references?: Record<string, { title: string; href: string }> };

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false });
markdown.linkify?.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// Every link is kept here and judged in `link_open`, so that what is refused stays readable as text.
markdown.validateLink = () => true;

markdown.core.ruler.after("inline", "task-boxes", ({ tokens, Token }) => {
  tokens.forEach((token, index) => {
    if (token.type === "inline" && tokens[index - 2]?.type === "list_item_open")
      drawBox(token.children ?? [], () => new Token("task_box", "", 0));
  });
});

/** What people type: code and links are drawn, everything else stands as it was written. */
const typed = new MarkdownIt("zero", { html: false, linkify: true });
typed.enable(["fence", "backticks", "linkify"]);
typed.linkify?.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
typed.validateLink = markdown.validateLink;
typed.renderer = markdown.renderer;

const escape = markdown.utils.escapeHtml;

/**
 * Markdown as HTML that is safe to insert: no raw HTML, no images, links only as `data-url` or `data-path` for the page's
 * own click listener. `isOpen` is a block still growing.
 */
export function renderMarkdown(text: string, context: MarkdownContext, isOpen = false): string {
  return sanitize(markdown.render(text, { ...context, isOpen }));
}

/** A message that somebody typed, as safe HTML. */
export function renderTyped(text: string): string {
  return sanitize(typed.render(text, {}));
}

function sanitize(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["class", "href", "title", "type", "aria-label", "start", "tabindex", "role"],
    ALLOW_DATA_ATTR: true,
  });
}

/** "[ ] " and "[x] " at the beginning of a list's item. */
function drawBox(children: Token[], make: () => Token): void {
  const [first] = children;
  const box = first?.type === "text" ? /^\[([ xX])\]\s/.exec(first.content) : null;
  if (!first || !box) return;
  first.content = first.content.slice(box[0].length);
  const token = make();
  token.meta = { done: box[1] !== " " };
  children.unshift(token);
}

/** Reads the link definitions, which may stand below the blocks that use them. */
export function readContext(text: string): MarkdownContext {
  if (!/^ {0,3}\[[^\]]+\]:/m.test(text)) return {};
  const context: MarkdownContext = {};
  markdown.parse(text, context);
  return context;
}

const TAGS = [
  ..."p br hr h1 h2 h3 h4 h5 h6 strong em s blockquote ul ol li a code pre span div button".split(" "),
  ..."table thead tbody tr th td".split(" "),
];

const { rules } = markdown.renderer;

rules["link_open"] = (tokens, index, _options, env) => {
  const href = String(tokens[index]?.attrGet("href") ?? "");
  const target = toLinkTarget(href);
  const ends = ((env as { linkEnds?: string[] }).linkEnds ??= []);
  ends.push(target ? "</a>" : "</span>");
  if (!target) return `<span class="inert-link" title="${escape(strings.inertLink(href))}">`;
  if (target.type === "web")
    return `<a href="${escape(target.url)}" title="${escape(target.url)}" data-url="${escape(target.url)}">`;
  const line = target.line ? ` data-line="${target.line}"` : "";
  return `<a href="#" title="${escape(href)}" data-path="${escape(target.path)}"${line}>`;
};
rules["link_close"] = (_tokens, _index, _options, env) => (env as { linkEnds?: string[] }).linkEnds?.pop() ?? "</a>";

rules["task_box"] = (tokens, index) => {
  const { done } = tokens[index]!.meta as { done: boolean };
  const label = escape(done ? strings.taskDone : strings.taskOpen);
  return `<span class="task-box codicon codicon-${done ? "pass-filled" : "circle-large-outline"}" role="img" aria-label="${label}"></span>`;
};

// An image from elsewhere would tell its server what was read: it is a link to follow or not.
rules["image"] = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet("src") ?? "");
  const label = escape(strings.imageLink(token?.content || source));
  const target = toLinkTarget(source);
  if (!target) return `<span class="inert-link">${label}</span>`;
  if (target.type === "file") return `<a href="#" data-path="${escape(target.path)}">${label}</a>`;
  return `<a href="${escape(target.url)}" title="${escape(target.url)}" data-url="${escape(target.url)}">${label}</a>`;
};

rules["fence"] = (tokens, index, _options, env) => {
  const token = tokens[index];
  const [language = "", path = ""] = (token?.info ?? "").trim().split(/\s+/);
  return renderCode(token?.content ?? "", language.toLowerCase(), path, (env as { isOpen?: boolean }).isOpen === true);
};
rules["code_block"] = (tokens, index) => renderCode(tokens[index]?.content ?? "", "", "", false);

rules["table_open"] = () => `<div class="table" tabindex="0" role="region" aria-label="${strings.table}"><table>`;
rules["table_close"] = () => "</table></div>";

function renderCode(content: string, language: string, path: string, isOpen: boolean): string {
  const code = content.replace(/\n$/, "");
  const body = highlight(code, language, isOpen) ?? escape(code);
  const label = path || language || strings.plainCode;
  const at = `data-language="${escape(language)}" data-target="${escape(/[./]/.test(path) ? path : "")}"`;
  return (
    `<div class="code" ${at}><div class="code-bar"><span class="code-label">${escape(label)}</span>` +
    `<span class="code-actions">${CODE_ACTIONS}</span></div>` +
    `<pre tabindex="0" role="region" aria-label="${escape(strings.codeRegion(label))}"><code>${body}</code></pre></div>`
  );
}

const CODE_ACTIONS = [
  ["copy", "copy", strings.copy],
  ["insert", "insert", strings.insert],
  ["apply", "diff", strings.apply],
]
  .map(
    ([action, icon, label]) =>
      `<button type="button" class="icon-button" data-action="${action}" title="${label}" aria-label="${label}"><span class="codicon codicon-${icon}"></span></button>`,
  )
  .join("");
