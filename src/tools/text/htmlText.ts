import { htmlTree, type HtmlElement, type HtmlNode, type HtmlTemplate } from "./htmlTree.ts";
import { TextWriter } from "./textWriter.ts";

// Their content is no text for readers. `head` has none, and what a `template` holds is in the page only as the root of a shadow.
const DROPPED = /^(script|style|head|svg|iframe|noembed|noframes|template|annotation|annotation-xml)$/;

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

interface Open {
  element?: HtmlElement;
  rest: Iterator<HtmlNode>;
  isAside: boolean;
  inHeading: boolean;
  /** How many elements of it were opened. */
  parts: number;
  /** What is written behind it. */
  behind: string;
}

/** What a reader sees, in order. Keeps its own stack: strangers nest deeper than calls can. */
function* walk(children: HtmlNode[]): Generator<Step> {
  const open: Open[] = [{ rest: children.values(), isAside: false, inHeading: false, parts: 0, behind: "" }];
  let isBehindFormula = false;
  while (open.length > 0) {
    const top = open.at(-1)!;
    const { element, rest, isAside, inHeading } = top;
    const { value: node, done } = rest.next();
    if (done) {
      open.pop();
      if (top.behind !== "" && !isAside) yield { type: "text", text: top.behind };
      if (element && !isAside) yield { type: "close", element };
    } else if ("value" in node) {
      if (!isAside) yield { type: "text", text: node.value };
      isBehindFormula &&= node.value.trim() === "";
    } else if ("tagName" in node && !isDropped(node) && !(isBehindFormula && isDrawing(node))) {
      const { tagName } = node;
      const formula = tagName === "math" ? formulaOf(node) : undefined;
      // What unfolds a section is its heading.
      const isNewAside = ASIDE.test(tagName) && isClosed(node) && !(inHeading && tagName === "button");
      const aside = !CONTENT.test(tagName) && (isAside || isNewAside);
      const [before, behind] = signsOf(node, element, top.parts++);
      if (!aside) yield { type: "text", text: before };
      if (!aside) yield { type: "open", element: node };
      if (!aside && formula !== undefined) yield { type: "text", text: formula };
      isBehindFormula = formula !== undefined || (isBehindFormula && tagName !== "img");
      const inside = formula === undefined ? childrenOf(node) : [];
      const isHeading = inHeading || /^h[1-6]$/.test(tagName);
      open.push({ element: node, rest: inside.values(), isAside: aside, inHeading: isHeading, parts: 0, behind });
    }
  }
}

function isClosed({ sourceCodeLocation }: HtmlElement): boolean {
  return sourceCodeLocation?.endTag !== undefined;
}

function isDropped(node: HtmlElement): boolean {
  return DROPPED.test(node.tagName) && !isShadow(node);
}

function isShadow(node: HtmlElement): boolean {
  return node.tagName === "template" && attribute(node, "shadowrootmode") !== undefined;
}

function childrenOf(node: HtmlElement): HtmlNode[] {
  return isShadow(node) && "content" in node ? (node as HtmlTemplate).content.childNodes : node.childNodes;
}

/** A formula as somebody wrote it; undefined where only its signs are there. */
function formulaOf(math: HtmlElement): string | undefined {
  const inside = elements(math.childNodes);
  const notes = [...inside, ...inside.flatMap(({ childNodes }) => elements(childNodes))];
  const tex = notes.find((one) => one.tagName === "annotation" && /tex/i.test(attribute(one, "encoding") ?? ""));
  const written = tex?.childNodes.map((node) => ("value" in node ? node.value : "")).join("");
  return [attribute(math, "alttext"), written].find((text) => text !== undefined && text.trim() !== "");
}

/** What stands before each part of a formula but the first. */
const SIGNS = new Map([
  ["mfrac", ["/"]],
  ["msup", ["^"]],
  ["msub", ["_"]],
  ["msubsup", ["_", "^"]],
]);

/** What says how a part of a formula belongs to those before it: its place does, where it is drawn. */
function signsOf(node: HtmlElement, parent: HtmlElement | undefined, nth: number): [before: string, behind: string] {
  const signs = SIGNS.get(parent?.tagName ?? "");
  if (!signs) return ["", ""];
  const isRow = node.tagName === "mrow" && elements(node.childNodes).length > 1;
  const sign = signs[nth - 1] ?? "";
  return isRow ? [`${sign}(`, ")"] : [sign, ""];
}

/** The formula before it once more, as those see it who are read nothing aloud. */
function isDrawing(node: HtmlElement): boolean {
  return /^(img|span)$/.test(node.tagName) && attribute(node, "aria-hidden") === "true";
}

const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

/** XHTML may close an element by itself, where HTML takes what follows `<title/>` for its text. */
export function closedTags(xhtml: string): string {
  return xhtml.replace(/<([a-z][\w.:-]*)((?:\s[^<>]*)?)\/>/gi, (whole, name: string, attributes: string) =>
    VOID.test(name) ? whole : `<${name}${attributes}></${name}>`,
  );
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
