import type { Token } from "markdown-it";
import { lateElement, type Piece, type PieceElement } from "./pieces.ts";

/** Items that were read already, by what they hold. */
export type KnownItems = Map<string, PieceElement>;

/** What begins one of many alike: an item of a list, a row of a table. */
const BEGINS = new Set(["list_item_open", "tr_open"]);

/**
 * The same tokens with one in place of each item of a list and each row of a table, so that each is read when it is drawn: what
 * `itemToken` makes of its element. `make` gets an item's tokens, and whether nothing comes after it. The first token is no item
 * of these: it is the one they are in.
 */
export function foldItems(
  tokens: Token[],
  itemToken: (item: PieceElement) => Token,
  make: (item: Token[], isLast: boolean) => PieceElement,
): Token[] {
  const folded: Token[] = [];
  const last = tokens.findLastIndex(({ nesting }) => nesting !== -1);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (at === 0 || !BEGINS.has(token.type)) {
      folded.push(token);
      continue;
    }
    const end = closingOf(tokens, at);
    folded.push(itemToken(make(tokens.slice(at, end + 1), end > last)));
    at = end;
  }
  return folded;
}

/** An item whose tokens are read when they are asked for; `read` gives the item itself, and what stands behind it. */
export function itemElement([first]: Token[], read: () => Piece[]): PieceElement {
  return lateElement(first!.tag, {}, () => (read()[0] as PieceElement).children);
}

/** What two items have in common that are drawn alike. */
export function itemKey(item: Token[]): string {
  let key = "";
  for (const { type, tag, hidden, info, content, attrs } of item)
    key += `${type}\0${tag}\0${hidden}\0${info}\0${content}\0${attrs ? JSON.stringify(attrs) : ""}\0`;
  return key;
}

function closingOf(tokens: Token[], from: number): number {
  let depth = 0;
  for (let at = from; ; at++) {
    depth += tokens[at]!.nesting;
    if (depth === 0) return at;
  }
}
