import { htmlTree, type HtmlElement, type HtmlNode } from "./htmlTree.ts";
import { TextWriter } from "./textWriter.ts";

// Their content is no text for readers. `head` has none, and what a `template` holds is not in the page.
const DROPPED = /^(script|style|head|svg|math|iframe|noembed|noframes|template)$/;

/** Left out when they were closed: one that was not has swallowed what comes after it. */
const ASIDE = /^(nav|footer|button|select|datalist|canvas|object|video|audio)$/;

/** Where a page says that its text is, wherever that stands. */
const CONTENT = /^(main|article)$/;

/** The readable text of an HTML page, in something like markdown: headings, lists, links, code, tables as rows. */
export async function htmlText(
  html: string,
  url: string,
  signal?: AbortSignal,
): Promise<{ title?: string; text: string; isCut: boolean }> {
  const { children, readUpTo } = await htmlTree(html, signal);
  const { title, base } = readHead(children);
  const writer = new TextWriter(URL.parse(base ?? "", url)?.href ?? url);
  for (const step of walk(children)) {
    if (step.type === "open") writer.open(step.element.tagName, (name) => attribute(step.element, name));
    else if (step.type === "close") writer.close(step.element.tagName);
    else writer.text(step.text);
  }
  return { ...(title && { title }), text: writer.result(), isCut: readUpTo !== undefined };
}

type Step =
  | { type: "open"; element: HtmlElement }
  | { type: "close"; element: HtmlElement }
  | { type: "text"; text: string };

/** What a reader sees, in order. Keeps its own stack: strangers nest deeper than calls can. */
function* walk(children: HtmlNode[]): Generator<Step> {
  const open: { element?: HtmlElement; rest: Iterator<HtmlNode>; isAside: boolean }[] = [
    { rest: children.values(), isAside: false },
  ];
  while (open.length > 0) {
    const { element, rest, isAside } = open.at(-1)!;
    const { value: node, done } = rest.next();
    if (done) {
      open.pop();
      if (element && !isAside) yield { type: "close", element };
    } else if ("value" in node) {
      if (!isAside) yield { type: "text", text: node.value };
    } else if ("tagName" in node && !DROPPED.test(node.tagName)) {
      const aside = !CONTENT.test(node.tagName) && (isAside || (ASIDE.test(node.tagName) && isClosed(node)));
      if (!aside) yield { type: "open", element: node };
      open.push({ element: node, rest: node.childNodes.values(), isAside: aside });
    }
  }
}

function isClosed({ sourceCodeLocation }: HtmlElement): boolean {
  return sourceCodeLocation?.endTag !== undefined;
}

function readHead(children: HtmlNode[]): { title?: string; base?: string } {
  const html = elements(children).find(({ tagName }) => tagName === "html");
  const head = elements(html?.childNodes ?? []).find(({ tagName }) => tagName === "head");
  const inHead = elements(head?.childNodes ?? []);
  const texts = inHead.find(({ tagName }) => tagName === "title")?.childNodes ?? [];
  const title = texts
    .map((node) => ("value" in node ? node.value : ""))
    .join("")
    .replace(/\s+/g, " ")
    .trim();
  const base = inHead.map((element) => element.tagName === "base" && attribute(element, "href")).find(Boolean);
  return { ...(title && { title }), ...(base && { base }) };
}

function elements(nodes: HtmlNode[]): HtmlElement[] {
  return nodes.filter((node): node is HtmlElement => "tagName" in node);
}

function attribute(element: HtmlElement, name: string): string | undefined {
  return element.attrs.find((own) => own.name === name)?.value;
}
