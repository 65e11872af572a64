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

const unread = new WeakSet<Piece & object>();

/** An element of which is read what is in it when that is first asked for. */
export function lateElement(
  tag: string,
  attributes: PieceElement["attributes"],
  read: () => readonly Piece[],
): PieceElement {
  let known: readonly Piece[] | undefined;
  const late: PieceElement = {
    tag,
    attributes,
    get children() {
      unread.delete(late);
      return (known ??= read());
    },
  };
  unread.add(late);
  return late;
}

/** Whether it takes time to ask what is in it. */
export function isUnread(piece: PieceElement): boolean {
  return unread.has(piece);
}

/** All text that is drawn of pieces. */
export function lettersOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : lettersOf(piece.children))).join("");
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
