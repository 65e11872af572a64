import type { Token } from "markdown-it";
import { strings } from "../parts/strings.ts";
import { codePieces } from "./codePieces.ts";
import { toLinkTarget } from "./links.ts";
import { addPiece, element, iconElement, type Piece, type PieceElement } from "./pieces.ts";

/** What stands in a list while it is filled. */
interface Level {
  list: Piece[];
  isLink?: boolean;
}

/**
 * Parsed markdown as what is drawn of it: no raw HTML, no images, links only as `data-url` or `data-path` for the page's own
 * click listener. `isOpen`: it still grows at its end.
 */
export function tokenPieces(tokens: Token[], isOpen: boolean): Piece[] {
  const levels: Level[] = [{ list: [] }];
  addTokens(levels, tokens, isOpen);
  return levels[0]!.list;
}

function addTokens(levels: Level[], tokens: Token[], isOpen: boolean): void {
  tokens.forEach((token, index) => {
    const list = levels.at(-1)!.list;
    if (token.type === "inline") return addTokens(levels, token.children ?? [], isOpen);
    if (token.hidden) return;
    if (token.block && token.nesting !== -1 && endsHidden(tokens, index)) addPiece(list, "\n");
    if (token.nesting === 1) levels.push(open(list, token));
    else if (token.nesting === -1) levels.pop();
    else for (const piece of leaf(levels, token, isOpen)) addPiece(list, piece);
    if (hasLineEnd(tokens, index)) addPiece(levels.at(-1)!.list, "\n");
  });
}

/** A paragraph that a tight list does without ends before this token. */
function endsHidden(tokens: Token[], index: number): boolean {
  const before = tokens[index - 1];
  return before?.hidden === true && before.nesting === -1;
}

/** Between blocks there is a line end, so that words of two are not one. */
function hasLineEnd(tokens: Token[], index: number): boolean {
  const token = tokens[index]!;
  if (!token.block || OWN.has(token.type)) return false;
  const next = tokens[index + 1];
  if (token.nesting !== 1 || !next) return true;
  return next.type !== "inline" && !next.hidden && !(next.nesting === -1 && next.tag === token.tag);
}

const OWN = new Set(["fence", "code_block", "table_open", "table_close"]);

function open(list: Piece[], token: Token): Level {
  const inside: Piece[] = [];
  const isLink = token.type === "link_open";
  list.push(isLink ? linkElement(token, inside) : blockElement(token, inside));
  return { list: inside, isLink };
}

function blockElement(token: Token, inside: Piece[]): PieceElement {
  switch (token.type) {
    case "table_open":
      return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": strings.table }, [
        element("table", {}, inside),
      ]);
    case "ordered_list_open": {
      const start = token.attrGet("start");
      return element("ol", start === null ? {} : { start: String(start) }, inside);
    }
    case "th_open":
    case "td_open": {
      // The page takes no styles from a message, but this one of three.
      const align = /^text-align:(center|right)$/.exec(String(token.attrGet("style") ?? ""))?.[1];
      return element(token.tag, align ? { class: align } : {}, inside);
    }
    default:
      return element(token.tag, {}, inside);
  }
}

function linkElement(token: Token, inside: Piece[]): PieceElement {
  const href = String(token.attrGet("href") ?? "");
  const target = toLinkTarget(href);
  if (!target) return element("span", { class: "inert-link", title: strings.inertLink(href) }, inside);
  if (target.type === "web")
    return element("a", { href: target.url, title: target.url, "data-url": target.url }, inside);
  const file = { href: "#", title: href, "data-path": target.path };
  return element("a", target.line ? { ...file, "data-line": String(target.line) } : file, inside);
}

function leaf(levels: Level[], token: Token, isOpen: boolean): Piece[] {
  switch (token.type) {
    case "item":
      return [token.meta as unknown as PieceElement];
    case "fence":
      return [codePieces(token.content, token.info, isOpen)];
    case "code_block":
      return [codePieces(token.content, "", false)];
    case "code_inline":
      return [element("code", {}, [token.content])];
    case "softbreak":
      return ["\n"];
    case "hardbreak":
      return [element("br", {}, []), "\n"];
    case "hr":
      return [element("hr", {}, [])];
    case "image":
      return [
        imageLink(
          token,
          levels.some(({ isLink }) => isLink),
        ),
      ];
    case "task_box": {
      const { done } = token.meta as { done: boolean };
      const icon = done ? "pass-filled" : "circle-large-outline";
      const label = done ? strings.taskDone : strings.taskOpen;
      return [iconElement(icon, { role: "img", "aria-label": label }, "task-box")];
    }
    default:
      return token.content === "" ? [] : [token.content];
  }
}

/** An image from elsewhere would tell its server what was read: it is a link to follow or not, and within a link its words. */
function imageLink(token: Token, isInLink: boolean): Piece {
  const source = String(token.attrGet("src") ?? "");
  const label = strings.imageLink(token.content || source);
  const target = isInLink ? undefined : toLinkTarget(source);
  if (isInLink) return label;
  if (!target) return element("span", { class: "inert-link" }, [label]);
  if (target.type === "file") return element("a", { href: "#", "data-path": target.path }, [label]);
  return element("a", { href: target.url, title: target.url, "data-url": target.url }, [label]);
}
