/** What is drawn of a message: text, or an element with what is in it. None of it is ever read as HTML. */
export type Piece = string | PieceElement;

export interface PieceElement {
  tag: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly Piece[];
}

export function element(tag: string, attributes: PieceElement["attributes"], children: readonly Piece[]): PieceElement {
  return { tag, attributes, children };
}

/** Puts a piece at the end; text that follows text is one with it. */
export function addPiece(list: Piece[], piece: Piece): void {
  const last = list.at(-1);
  if (typeof piece !== "string" || typeof last !== "string") list.push(piece);
  else list[list.length - 1] = last + piece;
}

/** An icon of the editor's. */
export function iconElement(
  name: string,
  attributes: PieceElement["attributes"] = {},
  ...more: string[]
): PieceElement {
  return element("span", { ...attributes, class: [...more, "codicon", `codicon-${name}`].join(" ") }, []);
}
