import { isUnread, type Piece, type PieceElement } from "./pieces.ts";
import type { Slice } from "./slices.ts";

/** What elements were made of; and what is in them, once all of it is. */
const attributesOf = new WeakMap<Element, PieceElement["attributes"]>();
const contentOf = new WeakMap<Element, readonly Piece[]>();

/**
 * Makes the content of an element that of `pieces`, keeping all nodes that stay: a text that grows keeps its node, and with it
 * what is selected in it. Whether it came to the end before the slice was over; else it goes on where it is called again.
 */
export function patch(parent: Element, pieces: readonly Piece[], slice: Slice): boolean {
  if (contentOf.get(parent) === pieces) return true;
  contentOf.delete(parent);
  let node = parent.firstChild;
  for (const piece of pieces) {
    const kept: ChildNode | undefined = node && fits(node, piece) ? node : undefined;
    if (!kept && slice.isOver()) return false;
    const now: ChildNode = kept ?? make(piece);
    if (!kept) place(parent, node, now);
    if (typeof piece === "string") setText(now as Text, piece);
    else {
      setAttributes(now as Element, piece.attributes);
      if (isUnread(piece) && slice.isOver()) return false;
      if (!patch(now as Element, piece.children, slice)) return false;
    }
    node = now.nextSibling;
  }
  while (node) {
    const next: ChildNode | null = node.nextSibling;
    node.remove();
    node = next;
  }
  contentOf.set(parent, pieces);
  return true;
}

function place(parent: Element, old: ChildNode | null, node: ChildNode): void {
  if (old) old.replaceWith(node);
  else parent.append(node);
}

function fits(node: ChildNode, piece: Piece): boolean {
  return typeof piece === "string"
    ? node.nodeType === Node.TEXT_NODE
    : node.nodeType === Node.ELEMENT_NODE && (node as Element).localName === piece.tag;
}

function make(piece: Piece): ChildNode {
  return typeof piece === "string" ? document.createTextNode(piece) : document.createElement(piece.tag);
}

function setText(node: Text, text: string): void {
  const { data } = node;
  if (data === text) return;
  if (text.startsWith(data)) node.appendData(text.slice(data.length));
  else node.data = text;
}

function setAttributes(node: Element, attributes: PieceElement["attributes"]): void {
  const before = attributesOf.get(node) ?? {};
  if (before === attributes) return;
  for (const name of Object.keys(before)) if (!(name in attributes)) node.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) if (before[name] !== value) node.setAttribute(name, value);
  attributesOf.set(node, attributes);
}
